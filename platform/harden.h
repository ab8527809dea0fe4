/* Secrets stay in this process: no core file, no debugger of another's, no new privileges. And what
 * fills a file up to its limit does not end it. */
#ifndef DEN_PLATFORM_HARDEN_H
#define DEN_PLATFORM_HARDEN_H

/* Call it before the first secret is read. Under AddressSanitizer the process stays dumpable, for
 * its leak check looks at the process as a debugger would. */
void harden_process(void);

#endif
