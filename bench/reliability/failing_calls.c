/* Lets the Nth call that writes fail, of a process and its children, or kills the process at it: open for writing, write,
 * flush, rename, link, truncate, make a folder, remove. For tests of what an installation does on a full or broken disk,
 * and after a power cut; nothing of it is installed. Compiled and preloaded by failing_calls.py.
 *
 * Only files below ZHIHENG_FAIL_BELOW count, so that neither the terminal nor what the interpreter writes elsewhere is
 * hit. What is to fail stands in a file of 512 bytes, ZHIHENG_FAIL_CONTROL, that is shared by all processes: see struct
 * control. BROKEN: the one call fails, the next goes through. FULL: from that call on everything that needs room fails,
 * and the first write that does so writes half of its bytes, as a disk that fills up does. KILLED and KILLED_AFTER: the
 * process is killed instead of the call, or right after it; what it sends to a database server counts as well. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct control {
  atomic_long count;   /* calls that were seen */
  atomic_long fail_at; /* which of them fails, from 1; 0: none, and nothing is counted */
  atomic_long wrong;   /* the errno that it gets */
  atomic_long fault;   /* one of the four below */
  atomic_long failed;  /* how many have failed */
  char said[472];      /* the first that failed: its name and its file */
};

enum { BROKEN, FULL, KILLED, KILLED_AFTER };

static struct control *control;
static _Thread_local int dying;
static const char *below;
static size_t length;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("ZHIHENG_FAIL_CONTROL");
  below = getenv("ZHIHENG_FAIL_BELOW");
  if (path == NULL || below == NULL) return;
  length = strlen(below);
  int (*usual)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  int fd = usual(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *found = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (found != MAP_FAILED) control = found;
  close(fd);
}

static int counts(const char *path) {
  return strncmp(path, below, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* Where a descriptor leads to; whether that is a file that counts. */
static int of_fd(int fd, char *found) {
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, found, PATH_MAX - 1);
  if (size < 0) return 0;
  found[size] = 0;
  return counts(found);
}

static int of_path(int folder, const char *path, char *found) {
  if (path == NULL) return 0;
  if (path[0] == '/') {
    snprintf(found, PATH_MAX, "%s", path);
    return counts(found);
  }
  char base[PATH_MAX];
  if (folder == AT_FDCWD ? getcwd(base, sizeof base) == NULL : (of_fd(folder, base), 0)) return 0;
  if ((size_t)snprintf(found, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
  return counts(found);
}

/* Whether this call is to fail. needs_room: whether a full disk refuses it. */
static int fails(const char *name, const char *path, int needs_room) {
  long at = control->fail_at, fault = control->fault;
  if (at == 0 || (fault == FULL && !needs_room)) return 0;
  long number = ++control->count;
  if (number != at && !(fault == FULL && number > at)) return 0;
  if (control->failed++ == 0) snprintf(control->said, sizeof control->said, "%s %s", name, path);
  if (fault == KILLED) kill(getpid(), SIGKILL);
  if (fault == KILLED_AFTER) return dying = 1, 0;
  errno = (int)control->wrong;
  return 1;
}

static int fails_fd(const char *name, int fd, int needs_room) {
  char path[PATH_MAX];
  int kept = errno;
  if (control == NULL || control->fail_at == 0 || !of_fd(fd, path)) return errno = kept, 0;
  return fails(name, path + length, needs_room) ? 1 : (errno = kept, 0);
}

static int fails_path(const char *name, int folder, const char *path, int needs_room) {
  char found[PATH_MAX];
  int kept = errno;
  if (control == NULL || control->fail_at == 0 || !of_path(folder, path, found)) return errno = kept, 0;
  return fails(name, found + length, needs_room) ? 1 : (errno = kept, 0);
}

/* Of a disk that fills up: the first write that fails has written half. */
static size_t half_of(size_t size) {
  return control->fault == FULL && control->failed == 1 ? size / 2 : 0;
}

/* What a call has come to, unless the process was to be killed right after it. */
#define DONE(call) \
  ({ \
    __typeof__(call) result = (call); \
    if (dying) kill(getpid(), SIGKILL); \
    result; \
  })

#define USUAL(name) \
  static __typeof__(&name) usual; \
  if (usual == NULL) usual = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t size) {
  USUAL(write);
  if (!fails_fd("write", fd, 1)) return DONE(usual(fd, bytes, size));
  return half_of(size) ? DONE(usual(fd, bytes, half_of(size))) : -1;
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
  USUAL(pwrite);
  if (!fails_fd("write", fd, 1)) return DONE(usual(fd, bytes, size, at));
  return half_of(size) ? DONE(usual(fd, bytes, half_of(size), at)) : -1;
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  USUAL(pwrite64);
  if (!fails_fd("write", fd, 1)) return DONE(usual(fd, bytes, size, at));
  return half_of(size) ? DONE(usual(fd, bytes, half_of(size), at)) : -1;
}
ssize_t writev(int fd, const struct iovec *pieces, int count) {
  USUAL(writev);
  return fails_fd("write", fd, 1) ? -1 : DONE(usual(fd, pieces, count));
}
ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at) {
  USUAL(pwritev);
  return fails_fd("write", fd, 1) ? -1 : DONE(usual(fd, pieces, count, at));
}
ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t at) {
  USUAL(pwritev64);
  return fails_fd("write", fd, 1) ? -1 : DONE(usual(fd, pieces, count, at));
}
ssize_t sendfile(int to, int from, off_t *at, size_t size) {
  USUAL(sendfile);
  return fails_fd("write", to, 1) ? -1 : DONE(usual(to, from, at, size));
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t size) {
  USUAL(sendfile64);
  return fails_fd("write", to, 1) ? -1 : DONE(usual(to, from, at, size));
}
ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *at, size_t size, unsigned int flags) {
  USUAL(copy_file_range);
  return fails_fd("write", to, 1) ? -1 : DONE(usual(from, start, to, at, size, flags));
}
int fsync(int fd) {
  USUAL(fsync);
  return fails_fd("flush", fd, 1) ? -1 : DONE(usual(fd));
}
int fdatasync(int fd) {
  USUAL(fdatasync);
  return fails_fd("flush", fd, 1) ? -1 : DONE(usual(fd));
}
int ftruncate(int fd, off_t size) {
  USUAL(ftruncate);
  return fails_fd("truncate", fd, 0) ? -1 : DONE(usual(fd, size));
}
int ftruncate64(int fd, off64_t size) {
  USUAL(ftruncate64);
  return fails_fd("truncate", fd, 0) ? -1 : DONE(usual(fd, size));
}

/* Whether a file that is opened is a new one: an old one needs no room yet. */
static int is_new(int folder, const char *path, int flags) {
  int kept = errno, there = faccessat(folder, path, F_OK, 0) == 0;
  errno = kept;
  return (flags & O_CREAT) && !there;
}

#define WRITES(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & O_CREAT))
#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | __O_TMPFILE)) { \
    va_list more; \
    va_start(more, flags); \
    mode = va_arg(more, mode_t); \
    va_end(more); \
  }

int open(const char *path, int flags, ...) {
  USUAL(open);
  MODE(flags);
  return WRITES(flags) && fails_path("open", AT_FDCWD, path, is_new(AT_FDCWD, path, flags)) ? -1 : DONE(usual(path, flags, mode));
}
int open64(const char *path, int flags, ...) {
  USUAL(open64);
  MODE(flags);
  return WRITES(flags) && fails_path("open", AT_FDCWD, path, is_new(AT_FDCWD, path, flags)) ? -1 : DONE(usual(path, flags, mode));
}
int openat(int folder, const char *path, int flags, ...) {
  USUAL(openat);
  MODE(flags);
  return WRITES(flags) && fails_path("open", folder, path, is_new(folder, path, flags)) ? -1 : DONE(usual(folder, path, flags, mode));
}
int openat64(int folder, const char *path, int flags, ...) {
  USUAL(openat64);
  MODE(flags);
  return WRITES(flags) && fails_path("open", folder, path, is_new(folder, path, flags)) ? -1 : DONE(usual(folder, path, flags, mode));
}
int rename(const char *from, const char *to) {
  USUAL(rename);
  return fails_path("rename", AT_FDCWD, to, 0) ? -1 : DONE(usual(from, to));
}
int renameat(int here, const char *from, int there, const char *to) {
  USUAL(renameat);
  return fails_path("rename", there, to, 0) ? -1 : DONE(usual(here, from, there, to));
}
int link(const char *from, const char *to) {
  USUAL(link);
  return fails_path("link", AT_FDCWD, to, 1) ? -1 : DONE(usual(from, to));
}
int linkat(int here, const char *from, int there, const char *to, int flags) {
  USUAL(linkat);
  return fails_path("link", there, to, 1) ? -1 : DONE(usual(here, from, there, to, flags));
}
int mkdir(const char *path, mode_t mode) {
  USUAL(mkdir);
  return fails_path("mkdir", AT_FDCWD, path, 1) ? -1 : DONE(usual(path, mode));
}
int mkdirat(int folder, const char *path, mode_t mode) {
  USUAL(mkdirat);
  return fails_path("mkdir", folder, path, 1) ? -1 : DONE(usual(folder, path, mode));
}
int unlink(const char *path) {
  USUAL(unlink);
  return fails_path("unlink", AT_FDCWD, path, 0) ? -1 : DONE(usual(path));
}
int unlinkat(int folder, const char *path, int flags) {
  USUAL(unlinkat);
  return fails_path("unlink", folder, path, 0) ? -1 : DONE(usual(folder, path, flags));
}

/* To a server: the database's. Only where processes are to be killed: a server that is not there is another matter. */
ssize_t send(int fd, const void *bytes, size_t size, int flags) {
  USUAL(send);
  struct sockaddr_storage where;
  socklen_t size_of_it = sizeof where;
  int kept = errno;
  if (control != NULL && control->fault >= KILLED && control->fail_at != 0 &&
      getsockname(fd, (struct sockaddr *)&where, &size_of_it) == 0 && where.ss_family == AF_INET)
    fails("send", "", 1);
  errno = kept;
  return DONE(usual(fd, bytes, size, flags));
}
