/*
 * core/http.c - see http.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/http.h"
