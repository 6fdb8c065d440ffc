/*
 * tests/fuzz/fuzz.h - what every fuzz target has: the function that libFuzzer calls (LLVM
 * documentation, "libFuzzer"), and a reader of its bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_TESTS_FUZZ_H
#define WAL2AVRO_TESTS_FUZZ_H

#include "common/slice.h"

/* Always 0. Aborts where a promise of the code under test does not hold. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes one byte off the input; 0 when there is none. */
static inline uint8_t
fuzz_byte(Slice *in)
{
	if (in->len == 0)
		return 0;
	in->len--;
	return *in->data++;
}

/* Takes as many bytes off as a byte pair says, or what is left. */
static inline Slice
fuzz_slice(Slice *in)
{
	size_t len = (size_t) fuzz_byte(in) << 8;
	Slice taken;

	len |= fuzz_byte(in);
	taken = (Slice){in->data, len < in->len ? len : in->len};
	in->data += taken.len;
	in->len -= taken.len;
	return taken;
}

#endif
