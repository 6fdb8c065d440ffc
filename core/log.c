/*
 * core/log.c - see log.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/log.h"
