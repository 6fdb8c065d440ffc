/*
 * core/registry.c - see registry.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/registry.h"
