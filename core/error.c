/*
 * core/error.c - see error.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/error.h"
