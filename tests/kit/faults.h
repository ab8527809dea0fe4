/* Calls that fail when a test says so: write, pwrite, fsync, fdatasync, ftruncate, rename and
 * unlink of the whole test program, which this object stands in for when it is linked. Of writes
 * only those to files count. */
#ifndef DEN_TESTS_KIT_FAULTS_H
#define DEN_TESTS_KIT_FAULTS_H

/* From here on calls count from 1; those from number `from` on, `count` of them, fail with that
 * errno. from 0: none does. */
void faults_set(int from, int count, int error);
/* How many calls there were since. */
int faults_calls(void);

#endif
