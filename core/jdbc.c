/*
 * core/jdbc.c - see jdbc.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/jdbc.h"
