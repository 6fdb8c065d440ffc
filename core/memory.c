/*
 * core/memory.c - see memory.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/memory.h"
