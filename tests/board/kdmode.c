/* In the guest: what mode the console is in. Prints `kdmode: text`, `kdmode: graphics` or `kdmode: unknown`. */
#include <fcntl.h>
#include <linux/kd.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(void)
{
    int fd = open("/dev/tty1", O_RDWR | O_NOCTTY), mode;

    if (fd < 0 || ioctl(fd, KDGETMODE, &mode) != 0)
        mode = -1;
    printf("kdmode: %s\n", mode == KD_TEXT ? "text" : mode == KD_GRAPHICS ? "graphics" : "unknown");
    return 0;
}
