/* bcryptprimitives.dll for releases of Wine that lack it: the one function that Rust's standard
   library takes from it, by the one of advapi32.dll that does the same. */

#include <stddef.h>

unsigned char __stdcall SystemFunction036(void *data, unsigned long size);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *data, size_t size)
{
    return SystemFunction036(data, (unsigned long)size);
}
