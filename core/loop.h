/*
 * core/loop.h - one poll loop: descriptors, timers, signals. No threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_LOOP_H
#define WAL2AVRO_CORE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Loop Loop;
typedef struct LoopTimer LoopTimer;

/* events and revents are those of poll(2). */
typedef void LoopReady(void *context, int revents);
typedef void LoopFire(void *context);

/* Blocks SIGTERM and SIGINT and reads them from a signalfd; ignores SIGPIPE. */
Loop *loop_new(void);
void loop_free(Loop *loop);

/* Watches fd for events, or changes what is watched; events 0 keeps it unwatched. One callback per
 * descriptor. */
void loop_watch(Loop *loop, int fd, short events, LoopReady *ready, void *context);
void loop_forget(Loop *loop, int fd);

/* A timer that is not armed. It belongs to the loop until loop_timer_free. */
LoopTimer *loop_timer_new(Loop *loop, LoopFire *fire, void *context);
void loop_timer_free(LoopTimer *timer);

/* Fires once, after_ms from now. Arming an armed timer moves it. */
void loop_timer_arm(LoopTimer *timer, int64_t after_ms);
void loop_timer_disarm(LoopTimer *timer);
bool loop_timer_armed(const LoopTimer *timer);

/* Waits for at most wait_ms (-1: as long as it takes) and calls what is due. */
void loop_once(Loop *loop, int64_t wait_ms);

/* As if a signal to end had come. */
void loop_stop(Loop *loop);

/* A signal to end has come, or loop_stop was called. */
bool loop_stopping(const Loop *loop);

/* CLOCK_MONOTONIC, milliseconds. */
int64_t loop_now_ms(void);

#endif
