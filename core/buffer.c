/*
 * core/buffer.c - see buffer.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/buffer.h"
