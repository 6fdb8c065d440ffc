/*
 * core/loop.c - see loop.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/loop.h"
