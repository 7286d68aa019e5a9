/* Load generator: WebSocket clients of one server, in one thread (epoll).
 *
 * A plan file (tests/bench/plans.py) holds for every connection the request of its handshake, the frames it says first,
 * and for a writer the frames it will send, each with the Yjs clock after it. What arrives is read as Yjs updates: an
 * update counts as delivered to a connection when its last clock has come, in whichever frame, merged or not.
 * Latency runs from when an update was due to be handed to the socket.
 *
 * Lines of JSON on standard output; "joined" is followed by a line on standard input before anything is sent, which may
 * name the processes whose time counts from then on ("pid,pid,").
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { UNBRACKET, YJS, HOCUSPOCUS, RELAY };
enum { IDLE, CONNECTING, SHAKING, JOINING, JOINED, CLOSED };

typedef struct { const uint8_t *data; uint32_t size, end; } Frame;

typedef struct {
    int fd, state, writer; uint16_t port;
    const uint8_t *request; uint32_t request_size;
    Frame *joins; uint32_t join_count;
    uint8_t *in; size_t in_size, in_room;      /* an unfinished frame */
    uint64_t skip; int skip_joins;             /* bytes left of a frame too large to keep */
    uint8_t *out; size_t out_size, out_room;   /* what the socket would not take yet */
    double began, joined;
    uint32_t *got;                             /* per writer: updates seen so far */
} Conn;

/* `from`: the first update of the measured stretch. */
typedef struct { Conn *conn; uint32_t count, sent, from; Frame *frames; float *at; double next, period; } Writer;

typedef struct { const uint8_t *p, *end; int bad; } Reader;

static Conn *conns; static Writer *writers;
static uint32_t conn_count, writer_count, first_client;
static int dialect, epoll_fd;
static double epoch;
static uint64_t deliveries, in_stretch, frames_in, bytes_in, closed_count, joined_count;
#define BUCKETS 20000                          /* of 0.5 ms: ten seconds */
static uint32_t latency[BUCKETS], lag[BUCKETS], joins[BUCKETS * 2];
static int measuring;
#define PIDS 128
static int pids[PIDS], pid_count;
static uint8_t chunk[1 << 18];

static void die(const char *what) { fprintf(stderr, "generator: %s (%s)\n", what, strerror(errno)); exit(1); }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9 - epoch; }
static void *room(void *old, size_t size) { void *p = realloc(old, size ? size : 1); if (!p) die("out of memory"); return p; }

/* --- processor time of the server */

static double used_by[PIDS];

static double cpu_seconds(void) {
    double total = 0; char path[300], line[200];
    for (int i = 0; i < pid_count; i++) {
        double before = total;
        snprintf(path, sizeof path, "/proc/%d/task", pids[i]);
        DIR *tasks = opendir(path); if (!tasks) continue;
        for (struct dirent *one; (one = readdir(tasks));) {
            if (one->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "/proc/%d/task/%.20s/schedstat", pids[i], one->d_name);
            FILE *file = fopen(path, "r"); if (!file) continue;
            unsigned long long ns = 0;
            if (fgets(line, sizeof line, file) && sscanf(line, "%llu", &ns) == 1) total += ns / 1e9;
            fclose(file);
        }
        closedir(tasks);
        used_by[i] = total - before;
    }
    return total;
}

static double own_cpu(void) {
    struct rusage u; getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* --- lib0 and Yjs */

static uint64_t varuint(Reader *r) {
    uint64_t value = 0; int shift = 0;
    while (r->p < r->end) {
        uint8_t byte = *r->p++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return value;
        if ((shift += 7) > 56) break;
    }
    r->bad = 1; return 0;
}
static void skip(Reader *r, uint64_t count) {
    if (count > (uint64_t)(r->end - r->p)) { r->bad = 1; r->p = r->end; } else r->p += count;
}
static void skip_string(Reader *r) { skip(r, varuint(r)); }
static uint64_t string_units(Reader *r) {
    uint64_t size = varuint(r), units = 0;
    if (size > (uint64_t)(r->end - r->p)) { r->bad = 1; return 0; }
    for (uint64_t i = 0; i < size; i++) { uint8_t b = r->p[i]; units += (b & 0xC0) != 0x80; units += b >= 0xF0; }
    r->p += size; return units;
}
static void skip_any(Reader *r) {
    if (r->p >= r->end) { r->bad = 1; return; }
    uint8_t kind = *r->p++;
    if (kind == 119) skip_string(r); else if (kind == 125) varuint(r); else if (kind == 124) skip(r, 4);
    else if (kind == 123 || kind == 122) skip(r, 8); else if (kind < 120) r->bad = 1;
}
static uint64_t content(Reader *r, int kind) {
    uint64_t n;
    switch (kind) {
    case 0: case 1: case 10: return varuint(r);
    case 2: n = varuint(r); for (uint64_t i = 0; i < n && !r->bad; i++) skip_string(r); return n;
    case 3: case 5: skip_string(r); return 1;
    case 4: return string_units(r);
    case 6: skip_string(r); skip_string(r); return 1;
    case 7: n = varuint(r); if (n == 3 || n == 5) skip_string(r); return 1;
    case 8: n = varuint(r); for (uint64_t i = 0; i < n && !r->bad; i++) skip_any(r); return n;
    }
    r->bad = 1; return 0;
}

static void delivered(Conn *conn, uint32_t client, uint64_t end, float at) {
    uint32_t number = client - first_client;
    if (number >= writer_count) return;
    Writer *w = &writers[number];
    if (w->conn == conn) return;
    uint32_t i = conn->got[number];
    while (i < w->sent && w->frames[i].end <= end) {
        if (i >= w->from) {
            int bucket = (int)((at - w->at[i]) * 2000);
            latency[bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : bucket]++; in_stretch++;
        }
        deliveries += measuring;
        i++;
    }
    conn->got[number] = i;
}

static void yjs_update(Conn *conn, const uint8_t *data, uint64_t size, float at) {
    Reader r = {data, data + size, 0};
    uint64_t clients = varuint(&r);
    for (uint64_t c = 0; c < clients && !r.bad; c++) {
        uint64_t structs = varuint(&r), client = varuint(&r), clock = varuint(&r);
        for (uint64_t s = 0; s < structs && !r.bad && r.p < r.end; s++) {
            uint8_t info = *r.p++; int kind = info & 31;
            if (kind != 0 && kind != 10) {
                if (info & 0x80) { varuint(&r); varuint(&r); }
                if (info & 0x40) { varuint(&r); varuint(&r); }
                if (!(info & 0xC0)) {
                    if (varuint(&r)) skip_string(&r); else { varuint(&r); varuint(&r); }
                    if (info & 0x20) skip_string(&r);
                }
            }
            clock += content(&r, kind);
        }
        if (!r.bad) delivered(conn, (uint32_t)client, clock, at);
    }
}

/* --- WebSocket */

static void watch(Conn *conn, uint32_t events, int op) {
    struct epoll_event e = {.events = events, .data.ptr = conn};
    if (epoll_ctl(epoll_fd, op, conn->fd, &e)) die("epoll_ctl");
}
static void shut(Conn *conn) {
    if (conn->state == CLOSED) return;
    if (conn->state == JOINED) joined_count--;
    close(conn->fd); conn->state = CLOSED; closed_count++;
}
static void flush_out(Conn *conn) {
    size_t done = 0;
    while (done < conn->out_size) {
        ssize_t n = send(conn->fd, conn->out + done, conn->out_size - done, MSG_NOSIGNAL);
        if (n < 0) { if (errno == EAGAIN || errno == EINTR) break; shut(conn); return; }
        done += n;
    }
    if (!done) return;
    memmove(conn->out, conn->out + done, conn->out_size - done); conn->out_size -= done;
    if (!conn->out_size) watch(conn, EPOLLIN, EPOLL_CTL_MOD);
}
static void put(Conn *conn, const uint8_t *data, size_t size) {
    if (conn->out_size + size > conn->out_room) conn->out = room(conn->out, conn->out_room = (conn->out_size + size) * 2);
    memcpy(conn->out + conn->out_size, data, size); conn->out_size += size;
}
static void put_frame(Conn *conn, int opcode, const uint8_t *data, uint32_t size) {
    uint8_t head[14]; int n = 2;
    head[0] = 0x80 | opcode;
    if (size < 126) head[1] = 0x80 | size;
    else if (size < 65536) { head[1] = 0xFE; head[2] = size >> 8; head[3] = size; n = 4; }
    else { head[1] = 0xFF; memset(head + 2, 0, 4); for (int i = 0; i < 4; i++) head[6 + i] = size >> (24 - 8 * i); n = 10; }
    static uint32_t seed = 1; seed = seed * 1664525 + 1013904223;
    memcpy(head + n, &seed, 4); uint8_t *mask = head + n; n += 4;
    put(conn, head, n);
    size_t start = conn->out_size;
    put(conn, data, size);
    for (uint32_t i = 0; i < size; i++) conn->out[start + i] ^= mask[i & 3];
}
static void flushed(Conn *conn) {
    flush_out(conn);
    if (conn->state != CLOSED && conn->out_size) watch(conn, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

static void mark_joined(Conn *conn) {
    if (conn->state != JOINING) return;
    conn->state = JOINED; conn->joined = now(); joined_count++;
    int bucket = (int)((conn->joined - conn->began) * 1000);
    joins[bucket >= BUCKETS * 2 ? BUCKETS * 2 - 1 : bucket]++;
}

/* Whether a message (perhaps only its beginning) is the one that brings the document. */
static int brings_text(const uint8_t *data, size_t size) {
    Reader r = {data, data + size, 0};
    if (dialect == UNBRACKET) return varuint(&r) == 1;
    if (dialect == HOCUSPOCUS) skip_string(&r);
    return varuint(&r) == 0 && varuint(&r) == 1;
}
static void message(Conn *conn, const uint8_t *data, size_t size, float at) {
    Reader r = {data, data + size, 0};
    frames_in++;
    if (conn->state == JOINING && brings_text(data, size)) { mark_joined(conn); return; }
    if (dialect == UNBRACKET) {
        if (varuint(&r) != 2) return;
        varuint(&r); varuint(&r);
        for (uint64_t count = varuint(&r); count && !r.bad; count--) {
            uint64_t length = varuint(&r);
            if (length > (uint64_t)(r.end - r.p)) break;
            yjs_update(conn, r.p, length, at); r.p += length;
        }
        return;
    }
    if (dialect == HOCUSPOCUS) skip_string(&r);
    /* Some peers put several messages into one frame. */
    while (!r.bad && r.p < r.end) {
        if (varuint(&r) != 0) return;
        uint64_t kind = varuint(&r), length = varuint(&r);
        if (r.bad || length > (uint64_t)(r.end - r.p)) return;
        if (kind == 2 || (kind == 1 && conn->state == JOINED)) yjs_update(conn, r.p, length, at);
        r.p += length;
    }
}

/* A deflated message is counted by its bytes and not read. Ours deflates nothing but large frames, and the first large
 * one is the document (tests/server/test_deflate.py reads it). */
enum { DEFLATED = 0x40, DOCUMENT = 2048 };
static void deflated(Conn *conn, size_t size) {
    frames_in++;
    if (conn->state == JOINING && size > DOCUMENT) mark_joined(conn);
}

/* Every whole frame in data; returns how much was taken. */
static size_t take(Conn *conn, const uint8_t *data, size_t size, float at) {
    size_t at_byte = 0;
    while (conn->state != CLOSED && size - at_byte >= 2) {
        const uint8_t *p = data + at_byte; size_t left = size - at_byte, head = 2; uint64_t length = p[1] & 127;
        if (length == 126) { if (left < 4) break; length = p[2] << 8 | p[3]; head = 4; }
        else if (length == 127) {
            if (left < 10) break;
            length = 0; for (int i = 2; i < 10; i++) length = length << 8 | p[i]; head = 10;
        }
        if (left < head + length) {
            if (length > 65536 && left > head + 600) {
                conn->skip = head + length - left;
                conn->skip_joins = p[0] & DEFLATED ? conn->state == JOINING : brings_text(p + head, left - head);
                frames_in++; at_byte = size;
            }
            break;
        }
        int opcode = p[0] & 15;
        if (opcode <= 2 && p[0] & DEFLATED) deflated(conn, length);
        else if (opcode <= 2) message(conn, p + head, length, at);
        else if (opcode == 9) { put_frame(conn, 10, p + head, length); flushed(conn); }
        else if (opcode == 8) { shut(conn); return size; }
        at_byte += head + length;
    }
    return at_byte;
}
static void joins_now(Conn *conn) {
    conn->state = JOINING;
    for (uint32_t i = 0; i < conn->join_count; i++) put_frame(conn, 2, conn->joins[i].data, conn->joins[i].size);
    flushed(conn);
    if (dialect == RELAY && conn->state == JOINING && !conn->join_count) mark_joined(conn);
}
static void readable(Conn *conn) {
    for (int turn = 0; turn < 4 && conn->state != CLOSED; turn++) {
        size_t kept = conn->in_size;
        if (kept > sizeof chunk / 2) die("a frame is too large to keep");
        if (kept) memcpy(chunk, conn->in, kept);
        ssize_t n = recv(conn->fd, chunk + kept, sizeof chunk - kept, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n <= 0) { shut(conn); return; }
        bytes_in += n; conn->in_size = 0;
        float at = (float)now();
        uint8_t *data = chunk; size_t size = kept + n;
        if (conn->state == SHAKING) {
            uint8_t *end = memmem(data, size, "\r\n\r\n", 4);
            if (end) {
                if (memcmp(data, "HTTP/1.1 101", 12)) { fprintf(stderr, "generator: refused: %.60s\n", data); shut(conn); return; }
                size -= end + 4 - data; data = end + 4; joins_now(conn);
            }
        }
        if (conn->state >= JOINING && conn->state != CLOSED) {
            if (conn->skip) {
                size_t some = conn->skip < size ? conn->skip : size;
                conn->skip -= some; data += some; size -= some;
                if (!conn->skip && conn->skip_joins) mark_joined(conn);
            }
            size_t taken = conn->skip ? size : take(conn, data, size, at);
            data += taken; size -= taken;
        }
        if (size && conn->state != CLOSED) {
            if (size > conn->in_room) conn->in = room(conn->in, conn->in_room = size * 2);
            memcpy(conn->in, data, size); conn->in_size = size;
        }
        if ((size_t)n < sizeof chunk - kept) return;
    }
}
static void connect_one(Conn *conn) {
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (conn->fd < 0) die("socket");
    int one = 1; setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(conn->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    conn->state = CONNECTING; conn->began = now();
    if (connect(conn->fd, (struct sockaddr *)&a, sizeof a) && errno != EINPROGRESS) die("connect");
    watch(conn, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
}
static void turn(double wait) {
    struct epoll_event events[512];
    struct timespec t = {(time_t)wait, (long)((wait - (time_t)wait) * 1e9)};
    if (wait < 0) t = (struct timespec){0, 0};
    int n = epoll_pwait2(epoll_fd, events, 512, &t, NULL);
    for (int i = 0; i < n; i++) {
        Conn *conn = events[i].data.ptr;
        if (conn->state == CLOSED) continue;
        if (conn->state == CONNECTING && events[i].events & (EPOLLOUT | EPOLLERR)) {
            conn->state = SHAKING; put(conn, conn->request, conn->request_size);
        }
        if (events[i].events & EPOLLOUT) flush_out(conn);
        if (conn->state != CLOSED && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(conn);
    }
}

/* --- phases */

static double percentile(const uint32_t *buckets, int count, double part, double unit) {
    uint64_t total = 0, sum = 0;
    for (int i = 0; i < count; i++) total += buckets[i];
    for (int i = 0; i < count; i++) { sum += buckets[i]; if (total && sum >= part * total) return (i + 0.5) * unit; }
    return 0;
}
static void join_all(int at_once, double limit) {
    uint32_t next = 0; double start = now(), cpu = cpu_seconds();
    uint64_t bytes = bytes_in;
    while (joined_count + closed_count < conn_count && now() - start < limit) {
        uint32_t busy = next - joined_count - closed_count;
        /* The first brings the document to a server that has none. */
        uint32_t most = joined_count ? at_once : 1;
        while (next < conn_count && busy < most) { connect_one(&conns[next++]); busy++; }
        turn(0.05);
    }
    printf("{\"phase\": \"joined\", \"joined\": %lu, \"closed\": %lu, \"seconds\": %.4f, \"cpu\": %.4f, \"bytes\": %lu, "
           "\"p50\": %.1f, \"p99\": %.1f}\n", joined_count, closed_count, now() - start, cpu_seconds() - cpu, bytes_in - bytes,
           percentile(joins, BUCKETS * 2, 0.5, 1), percentile(joins, BUCKETS * 2, 0.99, 1));
    fflush(stdout);
}
static void idle(double seconds) { double end = now() + seconds; for (double t; (t = now()) < end;) turn(end - t); }

static void send_due(double t) {
    for (uint32_t i = 0; i < writer_count; i++) {
        Writer *w = &writers[i];
        if (w->conn->state != JOINED) continue;
        int any = 0;
        while (w->next <= t && w->sent < w->count) {
            put_frame(w->conn, 2, w->frames[w->sent].data, w->frames[w->sent].size);
            w->at[w->sent++] = (float)w->next; any = 1;
            if (measuring) {
                int bucket = (int)((t - w->next) * 2000);
                lag[bucket >= BUCKETS ? BUCKETS - 1 : bucket]++;
            }
            w->next += w->period;
        }
        if (any) flushed(w->conn);
    }
}
static double next_due(void) {
    double first = 1e18;
    for (uint32_t i = 0; i < writer_count; i++)
        if (writers[i].sent < writers[i].count && writers[i].conn->state == JOINED && writers[i].next < first) first = writers[i].next;
    return first;
}
static void pump(double until, int sending) {
    for (double t; (t = now()) < until;) {
        if (sending) send_due(t);
        double due = sending ? next_due() : until;
        turn((due < until ? due : until) - now());
    }
}
static uint64_t sent_total(void) { uint64_t n = 0; for (uint32_t i = 0; i < writer_count; i++) n += writers[i].sent; return n; }

/* Sends at a rate; what is sent in the measured stretch is expected at every other connection of its document. */
static void stream(double rate, double warm, double seconds, double drain, const uint32_t *audience) {
    double t = now();
    for (uint32_t i = 0; i < writer_count; i++) {
        writers[i].period = writer_count / rate;
        writers[i].next = t + writers[i].period * (i + 0.37) / writer_count;
    }
    memset(latency, 0, sizeof latency); memset(lag, 0, sizeof lag);
    pump(t + warm, 1);
    double cpu = cpu_seconds(), own = own_cpu(), start = now(), each[PIDS];
    memcpy(each, used_by, sizeof each);
    uint64_t before = sent_total();
    deliveries = in_stretch = frames_in = bytes_in = 0; measuring = 1;
    for (uint32_t i = 0; i < writer_count; i++) writers[i].from = writers[i].sent;
    pump(start + seconds, 1);
    double used = cpu_seconds() - cpu, mine = own_cpu() - own, wall = now() - start;
    for (int i = 0; i < pid_count; i++) each[i] = used_by[i] - each[i];
    measuring = 0;
    uint64_t counted = deliveries, sent = sent_total() - before, frames = frames_in, bytes = bytes_in, expected = 0;
    double lag99 = percentile(lag, BUCKETS, 0.99, 0.5), end = now() + drain;
    for (uint32_t i = 0; i < writer_count; i++) expected += (uint64_t)(writers[i].sent - writers[i].from) * (audience[i] - 1);
    while (now() < end && in_stretch < expected) turn(0.02);
    printf("{\"phase\": \"stream\", \"rate\": %.1f, \"sent\": %lu, \"expected\": %lu, \"delivered\": %lu, \"counted\": %lu, "
           "\"seconds\": %.4f, \"cpu\": %.4f, \"generator_cpu\": %.4f, \"frames\": %lu, \"bytes\": %lu, \"p50\": %.2f, \"p99\": %.2f, "
           "\"lag99\": %.2f, \"closed\": %lu, \"each\": [", rate, sent, expected, in_stretch, counted, wall, used, mine, frames, bytes,
           percentile(latency, BUCKETS, 0.5, 0.5), percentile(latency, BUCKETS, 0.99, 0.5), lag99, closed_count);
    for (int i = 0; i < pid_count; i++) printf("%s%.4f", i ? ", " : "", each[i]);
    printf("]}\n");
    fflush(stdout);
    for (uint32_t i = 0; i < writer_count; i++) writers[i].from = UINT32_MAX;
}

/* --- the plan: u32 dialect, connections, writers, first client; then each connection (tests/bench/plans.py) */

static const uint8_t *plan;
static uint32_t u32(void) { uint32_t v; memcpy(&v, plan, 4); plan += 4; return v; }
static Frame frame(void) { Frame f = {0}; f.end = u32(); f.size = u32(); f.data = plan; plan += f.size; return f; }

static uint32_t *load(const char *path) {
    int fd = open(path, O_RDONLY); struct stat s;
    if (fd < 0 || fstat(fd, &s)) die(path);
    plan = mmap(NULL, s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (plan == MAP_FAILED) die("mmap");
    dialect = u32(); conn_count = u32(); writer_count = u32(); first_client = u32();
    conns = room(NULL, conn_count * sizeof *conns); memset(conns, 0, conn_count * sizeof *conns);
    writers = room(NULL, (writer_count + 1) * sizeof *writers); memset(writers, 0, (writer_count + 1) * sizeof *writers);
    uint32_t *audience = room(NULL, sizeof(uint32_t) * (writer_count + 1));
    for (uint32_t i = 0, w = 0; i < conn_count; i++) {
        Conn *c = &conns[i];
        c->got = room(NULL, (writer_count + 1) * 4); memset(c->got, 0, (writer_count + 1) * 4);
        c->port = u32(); c->request_size = u32(); c->request = plan; plan += c->request_size;
        c->join_count = u32(); c->joins = room(NULL, c->join_count * sizeof(Frame));
        for (uint32_t j = 0; j < c->join_count; j++) c->joins[j] = frame();
        uint32_t listeners = u32(), count = u32();
        if (!listeners) continue;
        Writer *one = &writers[w]; audience[w++] = listeners;
        one->conn = c; one->count = count; one->from = UINT32_MAX; one->frames = room(NULL, (count + 1) * sizeof(Frame));
        one->at = room(NULL, (count + 1) * sizeof(float));
        for (uint32_t j = 0; j < count; j++) one->frames[j] = frame();
    }
    return audience;
}

static void read_pids(char *list) {
    for (char *one = strtok(list, ",\n"); one && pid_count < PIDS; one = strtok(NULL, ",\n")) pids[pid_count++] = atoi(one);
}

/* generator PLAN AT-ONCE LIMIT PIDS(comma) {stream RATE WARM SECONDS DRAIN | ramp WARM SECONDS RATE... | hold} */
int main(int argc, char **argv) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); epoch = t.tv_sec;
    if (argc < 6) { fprintf(stderr, "usage: see the source\n"); return 2; }
    struct rlimit files; getrlimit(RLIMIT_NOFILE, &files); files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
    uint32_t *audience = load(argv[1]);
    read_pids(argv[4]);
    epoll_fd = epoll_create1(0);
    join_all(atoi(argv[2]), atof(argv[3]));
    char line[1024]; ssize_t said;
    int quiet = fcntl(0, F_GETFL);
    fcntl(0, F_SETFL, quiet | O_NONBLOCK);
    while ((said = read(0, line, sizeof line - 1)) < 0 && (errno == EAGAIN || errno == EINTR)) turn(0.05);
    line[said > 0 ? said : 0] = 0;
    if (strchr(line, ',')) { pid_count = 0; read_pids(line); }
    if (!strcmp(argv[5], "stream")) {
        stream(atof(argv[6]), atof(argv[7]), atof(argv[8]), atof(argv[9]), audience);
    } else if (!strcmp(argv[5], "ramp")) {
        for (int i = 8; i < argc; i++) { stream(atof(argv[i]), atof(argv[6]), atof(argv[7]), 1.0, audience); idle(0.1); }
    }
    return 0;
}
