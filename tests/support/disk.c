/* The disk and the wall clock under a real process, as tests want them: every change of the files in one directory is
 * written to a journal, and on demand the disk fails or the clock jumps.
 *
 * Loaded with LD_PRELOAD by tests/support/disk.py, which reads the journal; the record is `struct record` below. What
 * is done through memory maps is not seen: SQLite maps its -shm file alone, and makes that anew after every crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { OP_OPEN = 1, OP_WRITE, OP_TRUNCATE, OP_SYNC, OP_UNLINK, OP_RENAME };
enum { FLAG_FAILED = 1, FLAG_CREATED = 2, FLAG_EMPTIED = 4 };
enum { FAULT_NONE, FAULT_IO, FAULT_FULL, FAULT_READ_ONLY, FAULT_STALL };

struct record {
    uint8_t op, flags;
    uint16_t path;     /* bytes of the path that follows, relative to the directory */
    uint32_t handle;   /* of the open file; counts up */
    int64_t offset;    /* of a write; the new size of a truncation */
    uint32_t length;   /* bytes that follow the path: written data, or the new name */
    uint32_t process;
    int64_t started, ended; /* nanoseconds of CLOCK_MONOTONIC around the call */
} __attribute__((packed));

struct control {
    volatile int32_t fault;
    volatile int32_t refused; /* calls refused since the start */
    volatile int64_t clock_seconds;
};

#define MOST_FILES 65536
#define REAL(name) ((__typeof__(&name))real(#name))

static struct { uint32_t handle; int is_directory; } files[MOST_FILES];
static uint32_t handles;
static char directory[4096];
static size_t directory_length;
static int journal = -1;
static struct control nothing, *control = &nothing;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int64_t now(void) {
    struct timespec at;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

__attribute__((constructor)) static void begin(void) {
    const char *where = getenv("DISK_DIRECTORY"), *to = getenv("DISK_JOURNAL"), *by = getenv("DISK_CONTROL");
    if (by) {
        int fd = syscall(SYS_openat, AT_FDCWD, by, O_RDWR | O_CLOEXEC, 0);
        void *shared = fd < 0 ? MAP_FAILED : mmap(0, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (shared != MAP_FAILED) control = shared;
        if (fd >= 0) syscall(SYS_close, fd);
    }
    if (!where || !to || !realpath(where, directory)) return;
    directory_length = strlen(directory);
    int fd = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) _exit(97);
    journal = fcntl(fd, F_DUPFD_CLOEXEC, 900);
    syscall(SYS_close, fd);
}

/* The path below the directory, "" for the directory itself, NULL for what is not of it. */
static const char *below(const char *path, char *room) {
    char whole[4096], parent[4096];
    if (!directory_length || !path) return NULL;
    strncpy(whole, path, sizeof whole - 1);
    whole[sizeof whole - 1] = 0;
    char *slash = strrchr(whole, '/');
    const char *name = slash ? slash + 1 : whole;
    if (slash) *slash = 0;
    if (!realpath(slash ? (*whole ? whole : "/") : ".", parent)) return NULL;
    size_t length = strlen(parent);
    if (length + strlen(name) + 2 > sizeof parent) return NULL;
    parent[length++] = '/';
    strcpy(parent + length, name);
    if (strcmp(parent, directory) == 0) return strcpy(room, "");
    if (strncmp(parent, directory, directory_length) || parent[directory_length] != '/') return NULL;
    strcpy(room, parent + directory_length + 1);
    size_t end = strlen(room);
    if (end > 4 && strcmp(room + end - 4, "-shm") == 0) return NULL;
    return room;
}

static void note(int op, int flags, uint32_t handle, int64_t offset, const char *path, const void *data, size_t length,
                 int64_t started) {
    struct record record = {op, flags, path ? strlen(path) : 0, handle, offset, length, getpid(), started, now()};
    struct iovec parts[] = {{&record, sizeof record}, {(void *)path, record.path}, {(void *)data, length}};
    int kept = errno;
    ssize_t wanted = sizeof record + record.path + length;
    if (journal >= 0 && syscall(SYS_writev, journal, parts, 3) != wanted) _exit(98);
    errno = kept;
}

static int refuse(int error) {
    __atomic_add_fetch(&control->refused, 1, __ATOMIC_RELAXED);
    errno = error;
    return -1;
}

static int tracked(int fd) { return fd >= 0 && fd < MOST_FILES && files[fd].handle; }

static int open_with(int (*function)(int, const char *, int, ...), int at, const char *path, int flags, mode_t mode) {
    char room[8192];
    const char *name = at == AT_FDCWD || (path && *path == '/') ? below(path, room) : NULL;
    if (!name) return function(at, path, flags, mode);
    int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);
    if (writes && control->fault == FAULT_READ_ONLY) return refuse(EROFS);
    pthread_mutex_lock(&lock);
    struct stat found;
    int fresh = syscall(SYS_newfstatat, AT_FDCWD, path, &found, 0) != 0;
    if (fresh && (flags & O_CREAT) && control->fault == FAULT_FULL) {
        pthread_mutex_unlock(&lock);
        return refuse(ENOSPC);
    }
    int64_t started = now();
    int fd = function(at, path, flags, mode);
    if (fd >= 0 && fd < MOST_FILES) {
        files[fd].handle = ++handles;
        files[fd].is_directory = !fresh && S_ISDIR(found.st_mode);
        int marks = (fresh ? FLAG_CREATED : 0) | ((flags & O_TRUNC) && !fresh ? FLAG_EMPTIED : 0);
        note(OP_OPEN, marks, files[fd].handle, 0, name, NULL, 0, started);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

static mode_t mode_of(int flags, va_list rest) {
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

#define OPENING(name)                                                       \
    int name(const char *path, int flags, ...) {                            \
        va_list rest;                                                       \
        va_start(rest, flags);                                              \
        mode_t mode = mode_of(flags, rest);                                 \
        va_end(rest);                                                       \
        return open_with(REAL(openat), AT_FDCWD, path, flags, mode);        \
    }
#define OPENING_AT(name)                                                    \
    int name(int at, const char *path, int flags, ...) {                    \
        va_list rest;                                                       \
        va_start(rest, flags);                                              \
        mode_t mode = mode_of(flags, rest);                                 \
        va_end(rest);                                                       \
        return open_with((int (*)(int, const char *, int, ...))real(#name), at, path, flags, mode); \
    }
OPENING(open)
OPENING(open64)
OPENING_AT(openat)
OPENING_AT(openat64)

int close(int fd) {
    if (tracked(fd)) {
        pthread_mutex_lock(&lock);
        files[fd].handle = 0;
        pthread_mutex_unlock(&lock);
    }
    return REAL(close)(fd);
}

/* What the fault in force does to a change of a file; 0 when it may be done. */
static int failing(void) {
    switch (control->fault) {
        case FAULT_IO: return EIO;
        case FAULT_READ_ONLY: return EROFS;
        case FAULT_FULL: return ENOSPC;
        default: return 0;
    }
}

static ssize_t write_at(int fd, const void *data, size_t length, off_t offset) {
    int error = failing();
    if (error) return refuse(error);
    pthread_mutex_lock(&lock);
    int64_t started = now();
    ssize_t written = syscall(SYS_pwrite64, fd, data, length, offset);
    if (written > 0) note(OP_WRITE, 0, files[fd].handle, offset, NULL, data, written, started);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    return tracked(fd) ? write_at(fd, data, length, offset) : syscall(SYS_pwrite64, fd, data, length, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) { return pwrite(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
    if (!tracked(fd)) return REAL(write)(fd, data, length);
    off_t at = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
    ssize_t written = write_at(fd, data, length, at);
    if (written > 0) lseek(fd, at + written, SEEK_SET);
    return written;
}

int ftruncate(int fd, off_t size) {
    if (!tracked(fd)) return syscall(SYS_ftruncate, fd, size);
    int error = failing();
    if (error) return refuse(error);
    pthread_mutex_lock(&lock);
    int64_t started = now();
    int result = syscall(SYS_ftruncate, fd, size);
    if (result == 0) note(OP_TRUNCATE, 0, files[fd].handle, size, NULL, NULL, 0, started);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

/* What is written comes before the sync in the journal only if it was done before the sync began. */
static int sync_file(int fd, long call) {
    if (!tracked(fd)) return syscall(call, fd);
    while (control->fault == FAULT_STALL) usleep(10000);
    int error = control->fault == FAULT_IO ? EIO : 0;
    pthread_mutex_lock(&lock);
    int64_t started = now();
    int result = error ? refuse(error) : syscall(call, fd);
    note(OP_SYNC, result ? FLAG_FAILED : 0, files[fd].handle, 0, NULL, NULL, 0, started);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

int unlink(const char *path) {
    char room[8192];
    const char *name = below(path, room);
    if (!name) return syscall(SYS_unlink, path);
    if (control->fault == FAULT_READ_ONLY || control->fault == FAULT_IO)
        return refuse(control->fault == FAULT_IO ? EIO : EROFS);
    pthread_mutex_lock(&lock);
    int64_t started = now();
    int result = syscall(SYS_unlink, path);
    if (result == 0) note(OP_UNLINK, 0, 0, 0, name, NULL, 0, started);
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) {
    char room[8192], other[8192];
    const char *old = below(from, room), *new = below(to, other);
    if (!old || !new) return syscall(SYS_rename, from, to);
    pthread_mutex_lock(&lock);
    int64_t started = now();
    int result = syscall(SYS_rename, from, to);
    if (result == 0) note(OP_RENAME, 0, 0, 0, old, new, strlen(new), started);
    pthread_mutex_unlock(&lock);
    return result;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int result = REAL(clock_gettime)(clock, at);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += control->clock_seconds;
    return result;
}

int gettimeofday(struct timeval *at, void *zone) {
    int result = REAL(gettimeofday)(at, zone);
    if (result == 0) at->tv_sec += control->clock_seconds;
    return result;
}

time_t time(time_t *kept) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    if (kept) *kept = at.tv_sec;
    return at.tv_sec;
}
