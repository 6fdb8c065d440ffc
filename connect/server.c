/*
 * connect/server.c - the daemon and its connections; see server.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/server.h"

#include "connect/server_parts.h"
#include "core/log.h"
#include "core/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG			 128
#define SWEEP_MS		 500
#define CONNECTION_BYTES ((size_t) 32 << 10) /* most for a request's line and headers */

void
server_wake(Server *server)
{
	if (!server->stopped)
		loop_timer_arm(server->run, 0);
}

static Peer **
client_of(Server *server, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	Peer **at = &server->clients;

	while (*at != NULL && (info == NULL || *at != info->socket_context))
		at = &(*at)->next;
	return at;
}

void
server_deadline(Server *server, struct MHD_Connection *connection, bool forever)
{
	Peer *client = *client_of(server, connection);

	if (client != NULL)
		client->deadline_ms =
			forever ? INT64_MAX : loop_now_ms() + 2 * server->settings->connection_ms;
}

static void
on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	Server *server = context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
	{
		Peer *client = xcalloc(1, sizeof *client);
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

		*client = (Peer){.fd = info->connect_fd,
						 .deadline_ms = loop_now_ms() + 2 * server->settings->connection_ms,
						 .next = server->clients};
		server->clients = client;
		*socket_context = client;
		if (!loop_timer_armed(server->sweep))
			loop_timer_arm(server->sweep, SWEEP_MS);
	}
	else
	{
		Peer **at = client_of(server, connection);
		Peer *client = *at;

		if (client != NULL)
			*at = client->next;
		free(client);
		*socket_context = NULL;
	}
}

/* libmicrohttpd sees the end of a connection that is shut down, and cleans up. */
static void
on_sweep(void *context)
{
	Server *server = context;
	int64_t now = loop_now_ms();

	for (Peer *client = server->clients; client != NULL; client = client->next)
		if (client->deadline_ms <= now)
		{
			shutdown(client->fd, SHUT_RDWR);
			client->deadline_ms = INT64_MAX;
		}
	if (server->clients != NULL)
		loop_timer_arm(server->sweep, SWEEP_MS);
}

static void
run(Server *server)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	MHD_run(server->daemon);
	if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES)
		loop_timer_arm(server->run, wait_ms > INT_MAX ? INT_MAX : (int64_t) wait_ms);
}

static void
on_ready(void *context, int revents)
{
	(void) revents;
	run(context);
}

static void
on_run(void *context)
{
	run(context);
}

static void *
on_uri(void *context, const char *uri, struct MHD_Connection *connection)
{
	return exchange_new(context, connection, uri);
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
		   const char *version, const char *data, size_t *size, void **exchange)
{
	(void) context;
	(void) url;
	(void) version;
	return exchange_step(*exchange, connection, method, data, size);
}

static void
on_completed(void *context, struct MHD_Connection *connection, void **exchange,
			 enum MHD_RequestTerminationCode code)
{
	(void) code;
	server_deadline(context, connection, false);
	if (*exchange != NULL)
		exchange_end(*exchange);
	*exchange = NULL;
}

static void
on_log(void *context, const char *format, va_list arguments)
{
	char text[512];
	int len = vsnprintf(text, sizeof text, format, arguments);

	(void) context;
	while (len > 0 && (size_t) len < sizeof text && text[len - 1] == '\n')
		text[--len] = '\0';
	log_debug("http: %s", text);
}

static int
listen_on(const struct addrinfo *address)
{
	static const int yes = 1;
	static const int no = 0;
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int problem = errno;

	close(fd);
	errno = problem;
	return -1;
}

/* An empty host is every address. */
static bool
open_listener(const WorkerSettings *settings, int *out, Error *err)
{
	const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
								   .ai_socktype = SOCK_STREAM};
	const char *host = *settings->host == '\0' ? NULL : settings->host;
	AUTO_TEXT char *port = xasprintf("%" PRId64, settings->port);
	struct addrinfo *found;
	int code = getaddrinfo(host, port, &hints, &found);
	int fd = -1;

	if (code != 0)
		return error_set(err, ERROR_CONFIG, "cannot listen on \"%s\": %s; correct \"listeners\"",
						 settings->host, gai_strerror(code));
	for (const struct addrinfo *one = found; one != NULL && fd < 0; one = one->ai_next)
		fd = listen_on(one);
	code = errno;
	freeaddrinfo(found);
	if (fd < 0)
		return error_set(err, ERROR_CONFIG,
						 "cannot listen on \"%s\", port %s: %s; correct \"listeners\" or "
						 "\"rest.port\"",
						 settings->host, port, strerror(code));
	*out = fd;
	return true;
}

static struct MHD_Daemon *
start(Server *server, int fd)
{
	const WorkerSettings *settings = server->settings;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
					 (settings->tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, settings->tls_certificate},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, settings->tls_key},
		{settings->tls_key_password == NULL ? MHD_OPTION_END : MHD_OPTION_HTTPS_KEY_PASSWORD, 0,
		 settings->tls_key_password},
		{MHD_OPTION_END, 0, NULL}};
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	return MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_log, server,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned) settings->connections,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned) ((settings->connection_ms + 999) / 1000), MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
		MHD_OPTION_URI_LOG_CALLBACK, on_uri, server, MHD_OPTION_ARRAY, settings->tls ? tls : none,
		MHD_OPTION_END);
}

bool
server_new(Loop *loop, const WorkerSettings *settings, const ServerCalls *calls, Server **out,
		   Error *err)
{
	Server *server;
	int fd = -1;

	if (!open_listener(settings, &fd, err))
		return false;
	server = xcalloc(1, sizeof *server);
	*server = (Server){.loop = loop, .settings = settings, .calls = *calls};
	server->run = loop_timer_new(loop, on_run, server);
	server->sweep = loop_timer_new(loop, on_sweep, server);
	server->daemon = start(server, fd);
	if (server->daemon == NULL)
	{
		close(fd);
		server_free(server);
		return error_set(err, ERROR_CONFIG,
						 settings->tls ? "the HTTP server cannot start; see whether "
										 "certificate and key are PEM and belong together"
									   : "the HTTP server cannot start; see whether the "
										 "process may have more open files");
	}
	server->epoll_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	loop_watch(loop, server->epoll_fd, POLLIN, on_ready, server);
	*out = server;
	return true;
}

void
server_stop(Server *server)
{
	server->stopped = true;
	loop_forget(server->loop, server->epoll_fd);
	loop_timer_disarm(server->run);
	loop_timer_disarm(server->sweep);
}

void
server_free(Server *server)
{
	if (server == NULL)
		return;
	if (server->daemon != NULL)
	{
		if (!server->stopped)
			server_stop(server);
		for (Exchange *exchange = server->exchanges; exchange != NULL; exchange = exchange->next)
			if (exchange->suspended && exchange->connection != NULL)
				MHD_resume_connection(exchange->connection);
		MHD_stop_daemon(server->daemon);
	}
	while (server->exchanges != NULL)
		exchange_free(server->exchanges);
	loop_timer_free(server->run);
	loop_timer_free(server->sweep);
	free(server);
}

int
server_port(const Server *server)
{
	return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}
