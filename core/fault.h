/*
 * core/fault.h - named points at which a test ends, stops or breaks a program. Absent from release
 * builds.
 *
 * WAL2AVRO_FAULT="name=action[:skip]", several separated by commas. Actions: kill (SIGKILL to
 * itself), exit (status 70), stop (SIGSTOP), error (the point returns true). skip: that many passes
 * go by before. Each point fires once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_FAULT_H
#define WAL2AVRO_CORE_FAULT_H

#include <stdbool.h>

#ifdef WAL2AVRO_FAULTS
/* True when the caller is to behave as if the step had failed. */
bool fault(const char *name);
#else
#define fault(name) (false)
#endif

#endif
