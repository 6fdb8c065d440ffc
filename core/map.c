/*
 * core/map.c - see map.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/map.h"
