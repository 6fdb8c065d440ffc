/*
 * core/properties.c - see properties.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/properties.h"
