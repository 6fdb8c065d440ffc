/*
 * core/pg.c - see pg.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/pg.h"
