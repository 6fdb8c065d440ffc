/*
 * core/fault.c - see fault.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/fault.h"
