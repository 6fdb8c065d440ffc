/*
 * core/kafka.c - see kafka.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/kafka.h"
