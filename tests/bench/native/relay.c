/* The physical reference: a relay without a document and without a check. What one sends goes to all others, at once or
 * at most every WINDOW ms in one write to each. A message that begins with 0 0 (a state vector) is answered with the
 * bytes of a file, if one is named.
 *
 * relay WINDOW_MS [FILE]; prints its port.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct Conn { int fd, shaken, place; uint8_t *in; size_t in_size, in_room; uint8_t *out; size_t out_size, out_room; } Conn;

static Conn **conns; static int conn_count, conn_room, epoll_fd;
static uint8_t *batch; static size_t batch_size, batch_room;
static uint8_t *answer = (uint8_t *)"\x82\5\0\1\2\0\0"; static size_t answer_size = 7;  /* an empty document */
static double window, due;
static uint8_t chunk[1 << 17];

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }

/* SHA-1 and base64 for the handshake. */
static void sha1(const uint8_t *data, size_t size, uint8_t out[20]) {
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t message[192] = {0}; size_t total = (size + 9 + 63) / 64 * 64;
    memcpy(message, data, size); message[size] = 0x80;
    for (int i = 0; i < 8; i++) message[total - 1 - i] = (size * 8) >> (8 * i);
    for (size_t at = 0; at < total; at += 64) {
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 16; i++)
            w[i] = message[at + 4 * i] << 24 | message[at + 4 * i + 1] << 16 | message[at + 4 * i + 2] << 8 | message[at + 4 * i + 3];
        for (int i = 16; i < 80; i++) { uint32_t x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]; w[i] = x << 1 | x >> 31; }
        for (int i = 0; i < 80; i++) {
            uint32_t f = i < 20 ? ((b & c) | (~b & d)) + 0x5A827999 : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                       : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC : (b ^ c ^ d) + 0xCA62C1D6;
            uint32_t x = (a << 5 | a >> 27) + f + e + w[i];
            e = d; d = c; c = b << 30 | b >> 2; b = a; a = x;
        }
        h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e;
    }
    for (int i = 0; i < 20; i++) out[i] = h[i / 4] >> (24 - 8 * (i % 4));
}
static void base64(const uint8_t in[20], char *out) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int n = 0;
    for (int i = 0; i < 20; i += 3) {
        uint32_t v = in[i] << 16 | (i + 1 < 20 ? in[i + 1] : 0) << 8 | (i + 2 < 20 ? in[i + 2] : 0);
        for (int j = 0; j < 4; j++) out[n++] = letters[(v >> (18 - 6 * j)) & 63];
    }
    out[27] = '='; out[28] = 0;
}
static void *bigger(void *old, size_t *room, size_t need) {
    if (need <= *room) return old;
    *room = need * 2; void *p = realloc(old, *room); if (!p) abort(); return p;
}
static void watch(Conn *c, uint32_t events) { struct epoll_event e = {.events = events, .data.ptr = c}; epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &e); }
static void give(Conn *c, const uint8_t *data, size_t size) {
    if (!c->out_size) {
        ssize_t n = send(c->fd, data, size, MSG_NOSIGNAL);
        if (n < 0) n = 0;
        data += n; size -= n;
        if (!size) return;
        watch(c, EPOLLIN | EPOLLOUT);
    }
    c->out = bigger(c->out, &c->out_room, c->out_size + size);
    memcpy(c->out + c->out_size, data, size); c->out_size += size;
}
static void drain(Conn *c) {
    ssize_t n = send(c->fd, c->out, c->out_size, MSG_NOSIGNAL);
    if (n <= 0) return;
    memmove(c->out, c->out + n, c->out_size - n); c->out_size -= n;
    if (!c->out_size) watch(c, EPOLLIN);
}
static size_t head(uint8_t *out, size_t size) {
    out[0] = 0x82;
    if (size < 126) { out[1] = size; return 2; }
    if (size < 65536) { out[1] = 126; out[2] = size >> 8; out[3] = size; return 4; }
    out[1] = 127; for (int i = 0; i < 8; i++) out[2 + i] = (uint64_t)size >> (56 - 8 * i);
    return 10;
}
static void message(Conn *from, uint8_t *data, size_t size) {
    if (size >= 2 && !data[0] && !data[1]) { give(from, answer, answer_size); return; }
    uint8_t top[10]; size_t n = head(top, size);
    if (window > 0) {
        batch = bigger(batch, &batch_room, batch_size + n + size);
        memcpy(batch + batch_size, top, n); memcpy(batch + batch_size + n, data, size);
        if (!batch_size) { double t = now(); if (due < t) due = t + window; }
        batch_size += n + size;
        return;
    }
    static uint8_t *frame; static size_t room;
    frame = bigger(frame, &room, n + size);
    memcpy(frame, top, n); memcpy(frame + n, data, size);
    for (int i = 0; i < conn_count; i++) if (conns[i] != from && conns[i]->shaken) give(conns[i], frame, n + size);
}
static void end(Conn *c) {
    close(c->fd); conns[c->place] = conns[--conn_count]; conns[c->place]->place = c->place;
    free(c->in); free(c->out); free(c);
}
static int readable(Conn *c) {
    ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);
    if (n <= 0) return n < 0 && errno == EAGAIN ? 0 : -1;
    c->in = bigger(c->in, &c->in_room, c->in_size + n);
    memcpy(c->in + c->in_size, chunk, n); c->in_size += n;
    size_t at = 0;
    if (!c->shaken) {
        uint8_t *stop = memmem(c->in, c->in_size, "\r\n\r\n", 4); if (!stop) return 0;
        char *key = memmem(c->in, c->in_size, "Sec-WebSocket-Key: ", 19); if (!key) return -1;
        char text[80], accept[40], reply[200]; uint8_t digest[20];
        memcpy(text, key + 19, 24); strcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        sha1((uint8_t *)text, strlen(text), digest); base64(digest, accept);
        int size = snprintf(reply, sizeof reply, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
        give(c, (uint8_t *)reply, size); c->shaken = 1; at = stop + 4 - c->in;
    }
    while (c->in_size - at >= 6) {
        uint8_t *p = c->in + at; size_t left = c->in_size - at, top = 2; uint64_t length = p[1] & 127;
        if (length == 126) { length = p[2] << 8 | p[3]; top = 4; }
        else if (length == 127) { if (left < 14) break; length = 0; for (int i = 2; i < 10; i++) length = length << 8 | p[i]; top = 10; }
        if (left < top + 4 + length) break;
        uint8_t *mask = p + top, *data = mask + 4;
        for (uint64_t i = 0; i < length; i++) data[i] ^= mask[i & 3];
        if ((p[0] & 15) == 2) message(c, data, length);
        else if ((p[0] & 15) == 8) return -1;
        at += top + 4 + length;
    }
    memmove(c->in, c->in + at, c->in_size - at); c->in_size -= at;
    return 0;
}
int main(int argc, char **argv) {
    window = argc > 1 ? atof(argv[1]) / 1000 : 0;
    if (argc > 2) {
        int fd = open(argv[2], O_RDONLY); struct stat s; if (fd < 0 || fstat(fd, &s)) return 1;
        answer = malloc(s.st_size + 10); size_t n = head(answer, s.st_size);
        if (read(fd, answer + n, s.st_size) != s.st_size) return 1;
        answer_size = n + s.st_size;
    }
    struct rlimit files; getrlimit(RLIMIT_NOFILE, &files); files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}; socklen_t size = sizeof a;
    if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 4096)) return 1;
    getsockname(listener, (struct sockaddr *)&a, &size);
    printf("%d\n", ntohs(a.sin_port)); fflush(stdout);
    epoll_fd = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL}; epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &e);
    struct epoll_event events[512];
    for (;;) {
        double wait = batch_size ? due - now() : 1; if (wait < 0) wait = 0;
        struct timespec t = {(time_t)wait, (long)((wait - (time_t)wait) * 1e9)};
        int n = epoll_pwait2(epoll_fd, events, 512, &t, NULL);
        for (int i = 0; i < n; i++) {
            Conn *c = events[i].data.ptr;
            if (!c) {
                int fd;
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    if (conn_count == conn_room) conns = realloc(conns, (conn_room = conn_room * 2 + 64) * sizeof *conns);
                    c = calloc(1, sizeof *c); c->fd = fd; c->place = conn_count; conns[conn_count++] = c;
                    struct epoll_event own = {.events = EPOLLIN, .data.ptr = c}; epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &own);
                }
                continue;
            }
            if (events[i].events & EPOLLOUT && c->out_size) drain(c);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && readable(c)) end(c);
        }
        if (batch_size && now() >= due) {
            for (int i = 0; i < conn_count; i++) if (conns[i]->shaken) give(conns[i], batch, batch_size);
            batch_size = 0;
        }
    }
}
