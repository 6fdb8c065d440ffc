/*
 * core/providers.h - configuration providers: ${file:/path:key} and the like in a connector's
 * properties, as Kafka Connect has them (Apache Kafka documentation, "Externalizing Secrets").
 *
 * They are resolved only in the programs that use the values, so that no secret is in a store, in a
 * command line or in an answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_PROVIDERS_H
#define WAL2AVRO_CORE_PROVIDERS_H

#include "core/properties.h"
#include "core/report.h"

/*
 * The properties of given, with what the references in their values stand for, into *out:
 *
 *   ${env:NAME}            a variable of the environment
 *   ${file:PATH:KEY}       a key of a file of properties (java.util.Properties)
 *   ${directory:PATH:FILE} the text of a file, whole
 *
 * env and file are there unless the worker sets config.providers, a list of names; then those, with
 * config.providers.<name>.class org.apache.kafka.common.config.provider.{EnvVar,File,Directory}-
 * ConfigProvider, .param.allowlist.pattern (of the names of variables) and .param.allowed.paths. A
 * value that was found is not looked through again. What cannot be resolved is reported as an error
 * of its property, which names provider, path and key but no value, and stays as it is.
 */
void providers_resolve(const Properties *given, const Properties *worker, Properties *out,
					   Report *report);

#endif
