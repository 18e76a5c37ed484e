// Preloaded into the gateway (LD_PRELOAD): a machine with a disk that fails, a power cut and a clock that steps.
//   CAMPAIGN_FOLDER   only files below it are touched
//   CAMPAIGN_JOURNAL  what was written to them, and what was synced, in order: the state after a power cut is made of it
//   CAMPAIGN_CONTROL  a file of 24 bytes that says what fails now: struct control
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
  int32_t writes, syncs, reads;  // an errno, 0 for none
  int32_t opens;                 // of files that are opened to be written
  int64_t clock_us;              // wall clock minus real one
};
static struct control no_fault;
static volatile struct control* control = &no_fault;
static const char* folder;
static int journal = -1;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char* file = getenv("CAMPAIGN_CONTROL");
  int fd = file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0) : -1;
  if (fd >= 0) {
    void* page = mmap(NULL, sizeof(struct control), PROT_READ, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED) control = page;
    syscall(SYS_close, fd);
  }
  folder = getenv("CAMPAIGN_FOLDER");
  file = getenv("CAMPAIGN_JOURNAL");
  if (file) journal = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
}

static int below_folder(const char* path) {
  return folder && strncmp(path, folder, strlen(folder)) == 0 && path[strlen(folder)] == '/';
}

// The name of an open file of ours, or NULL.
static const char* ours(int fd, char name[512]) {
  char link[40] = "/proc/self/fd/";
  if (!folder || fd < 0) return NULL;
  char digits[12];
  int n = 0, at = (int)strlen(link);
  do digits[n++] = (char)('0' + fd % 10); while ((fd /= 10) > 0);
  while (n > 0) link[at++] = digits[--n];
  link[at] = 0;
  long length = syscall(SYS_readlinkat, AT_FDCWD, link, name, 511);
  if (length <= 0) return NULL;
  name[length] = 0;
  return below_folder(name) && !strstr(name, "-shm") ? name : NULL;
}

// One record: operation, length of the name, of the data, 0, offset, real time in ns; name; data.
static void note(char operation, const char* name, const void* data, size_t length, int64_t offset) {
  if (journal < 0) return;
  struct timespec now;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  struct {
    uint32_t operation, name, data, zero;
    int64_t offset, at_ns;
  } head = {(unsigned char)operation, (uint32_t)strlen(name), (uint32_t)length, 0, offset,
            (int64_t)now.tv_sec * 1000000000 + now.tv_nsec};
  struct iovec parts[] = {{&head, sizeof head}, {(void*)name, head.name}, {(void*)data, length}};
  pthread_mutex_lock(&order);
  long done = syscall(SYS_writev, journal, parts, 3);
  pthread_mutex_unlock(&order);
  if (done != (long)(sizeof head + head.name + length)) abort();  // a journal with a hole proves nothing
}

static ssize_t write_at(int fd, const void* data, size_t length, int64_t offset, int append) {
  char buffer[512];
  const char* name = ours(fd, buffer);
  if (name && control->writes) {
    errno = control->writes;
    return -1;
  }
  ssize_t done = append ? syscall(SYS_write, fd, data, length) : syscall(SYS_pwrite64, fd, data, length, offset);
  if (name && append) offset = syscall(SYS_lseek, fd, 0, SEEK_CUR) - done;
  if (name && done > 0) note('w', name, data, (size_t)done, offset);
  return done;
}
ssize_t pwrite64(int fd, const void* data, size_t length, off64_t offset) { return write_at(fd, data, length, offset, 0); }
ssize_t pwrite(int fd, const void* data, size_t length, off_t offset) { return write_at(fd, data, length, offset, 0); }
ssize_t write(int fd, const void* data, size_t length) { return write_at(fd, data, length, 0, 1); }

static ssize_t read_at(int fd, void* data, size_t length, int64_t offset) {
  char buffer[512];
  if (control->reads && ours(fd, buffer)) {
    errno = control->reads;
    return -1;
  }
  return syscall(SYS_pread64, fd, data, length, offset);
}
ssize_t pread64(int fd, void* data, size_t length, off64_t offset) { return read_at(fd, data, length, offset); }
ssize_t pread(int fd, void* data, size_t length, off_t offset) { return read_at(fd, data, length, offset); }

static int cut(int fd, int64_t length) {
  char buffer[512];
  const char* name = ours(fd, buffer);
  if (name && control->writes) {
    errno = control->writes;
    return -1;
  }
  int done = (int)syscall(SYS_ftruncate, fd, length);
  if (name && done == 0) note('t', name, "", 0, length);
  return done;
}
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }
int ftruncate(int fd, off_t length) { return cut(fd, length); }

static int sync_now(int fd, long number) {
  char buffer[512];
  const char* name = ours(fd, buffer);
  if (name && control->syncs) {
    errno = control->syncs;
    return -1;
  }
  int done = (int)syscall(number, fd);
  if (name && done == 0) note('s', name, "", 0, 0);
  return done;
}
int fsync(int fd) { return sync_now(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_now(fd, SYS_fdatasync); }

static int open_file(int at, const char* path, int flags, mode_t mode) {
  int to_write = below_folder(path) && (flags & O_ACCMODE) != O_RDONLY;
  if (to_write && control->opens) {
    errno = control->opens;
    return -1;
  }
  int fd = (int)syscall(SYS_openat, at, path, flags, mode);
  if (fd >= 0 && to_write && (flags & O_TRUNC)) note('t', path, "", 0, 0);
  return fd;
}
#define MODE_OF(flags)                          \
  mode_t mode = 0;                              \
  if ((flags) & (O_CREAT | O_TMPFILE)) {        \
    va_list more;                               \
    va_start(more, flags);                      \
    mode = va_arg(more, mode_t);                \
    va_end(more);                               \
  }
int open(const char* path, int flags, ...) {
  MODE_OF(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  MODE_OF(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}

int unlink(const char* path) {
  if (below_folder(path) && control->opens) {
    errno = control->opens;
    return -1;
  }
  int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (done == 0 && below_folder(path)) note('u', path, "", 0, 0);
  return done;
}
int rename(const char* from, const char* to) {
  int done = (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
  if (done == 0 && below_folder(from)) note('r', from, to, strlen(to), 0);
  return done;
}

// --- the clock: what a step of the wall clock does to who reads it, and to who waits until a time of it -------------

static void shift(struct timespec* time, int64_t by_us) {
  int64_t ns = time->tv_nsec + by_us % 1000000 * 1000;
  time->tv_sec += by_us / 1000000 + (ns < 0 ? -1 : ns / 1000000000);
  time->tv_nsec = ns < 0 ? ns + 1000000000 : ns % 1000000000;
}
int clock_gettime(clockid_t clock, struct timespec* time) {
  int done = (int)syscall(SYS_clock_gettime, clock, time);
  if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) shift(time, control->clock_us);
  return done;
}
int gettimeofday(struct timeval* restrict time, void* restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

// Like the kernel, which looks again after each step: slices of real time until the stepped clock has come so far.
static int is_over(const struct timespec* until) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec > until->tv_sec || (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec);
}
static void slice_end(const struct timespec* until, struct timespec* real) {
  struct timespec soon, wanted = *until;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &soon);
  shift(&soon, 100000);
  shift(&wanted, -control->clock_us);
  *real = wanted.tv_sec < soon.tv_sec || (wanted.tv_sec == soon.tv_sec && wanted.tv_nsec < soon.tv_nsec) ? wanted : soon;
}
int pthread_cond_timedwait(pthread_cond_t* restrict condition, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until) {
  static int (*next)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
  if (!next) next = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");  // an older one of the name exists
  if (!next) next = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  if (until->tv_sec < 1000000000) return next(condition, mutex, until);  // of the monotonic clock, which does not step
  struct timespec real;
  for (;;) {
    slice_end(until, &real);
    int done = next(condition, mutex, &real);
    if (done != ETIMEDOUT || is_over(until)) return done;
  }
}
int sem_timedwait(sem_t* restrict semaphore, const struct timespec* restrict until) {
  static int (*next)(sem_t*, const struct timespec*);
  if (!next) next = dlsym(RTLD_NEXT, "sem_timedwait");
  struct timespec real;
  for (;;) {
    slice_end(until, &real);
    int done = next(semaphore, &real);
    if (done == 0 || errno != ETIMEDOUT || is_over(until)) return done;
  }
}
