/*
 * core/options.c - see options.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/options.h"
