/* What an emulator of programs (tests/run --under) lacks, beside the machine that it stands for. */
#ifndef DEN_TESTS_KIT_EMULATED_H
#define DEN_TESTS_KIT_EMULATED_H

/* Skips the test, and says why, if an emulator runs it. */
void emulated_lacks(const char *what);

#endif
