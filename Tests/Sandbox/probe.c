// An engine that tries what it must not: each attempt is one line, NAME TAB allowed|denied TAB how.
//
//   probe tries              makes every attempt here and now
//   probe serve SOCKET       answers on a Unix socket: "tries", "memory" or anything else, echoed
//   probe ask SOCKET WORD    asks such a one, and waits for the answer at most 2 s (tries: 300 s)
//   probe serve-port PORT    the same on 127.0.0.1; "reach" tries another address
//   probe ask-port PORT WORD asks such a one; ADDRESS names another address for both
//   probe effective          says the user that it runs as, for a copy with the set-user bit
//   probe memory             takes 77 % of the machine's memory
//   nvidia-smi …             the attempts under that name: what the power unit runs

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <arpa/inet.h>
#include <linux/reboot.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Made by the machine's set-up: a program with the set-user bit, and another user's process.
#define SETUSER "/usr/local/bin/probe-as-root"

static void tell(const char *name, int allowed, const char *how) {
  printf("%s\t%s\t%s\n", name, allowed ? "allowed" : "denied", how);
  fflush(stdout);
}

static void tell_result(const char *name, long result) {
  tell(name, result >= 0, result >= 0 ? "-" : strerrorname_np(errno));
}

static void try_open(const char *name, const char *path, int flags) {
  int file = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
  tell_result(name, file);
  if (file >= 0) close(file);
}

// Opens for writing and takes it away again: the machine stays as it is.
static void try_create(const char *name, const char *path) {
  try_open(name, path, O_WRONLY | O_CREAT);
  unlink(path);
}

static void try_socket(const char *name, int family, int type) {
  int end = socket(family, type, 0);
  tell_result(name, end);
  if (end >= 0) close(end);
}

static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (end >= 0 && connect(end, (struct sockaddr *)&address, sizeof address) < 0) {
    int code = errno;
    close(end);
    errno = code;
    return -1;
  }
  return end;
}

static void try_connect(const char *name, const char *path) {
  int end = connect_to(path);
  tell_result(name, end);
  if (end >= 0) close(end);
}

static struct sockaddr_in internet(const char *address, int port) {
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &place.sin_addr);
  return place;
}

static int reach(const char *address, int port) {
  struct sockaddr_in place = internet(address, port);
  int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval limit = {.tv_sec = 1};
  setsockopt(end, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return end < 0 || connect(end, (struct sockaddr *)&place, sizeof place) < 0 ? -1 : end;
}

static int listen_on(const char *address, int port) {
  struct sockaddr_in place = internet(address, port);
  int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  setsockopt(end, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (end < 0 || bind(end, (struct sockaddr *)&place, sizeof place) < 0) return -1;
  return listen(end, 8) < 0 ? -1 : end;
}

// Other users' processes among those that can be seen.
static void try_processes(void) {
  int seen = 0;
  DIR *folder = opendir("/proc");
  struct dirent *entry;
  while (folder && (entry = readdir(folder))) {
    char path[300];
    struct stat status;
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "/proc/%s", entry->d_name);
    // Root's own is init's, which is another's all the same.
    int other = strcmp(entry->d_name, "1") == 0;
    if (stat(path, &status) == 0 && (other || status.st_uid != geteuid())) seen++;
  }
  if (folder) closedir(folder);
  char how[32];
  snprintf(how, sizeof how, "%d seen", seen);
  tell("see others' processes", seen > 0, how);
}

static void try_set_user(void) {
  pid_t child = fork();
  if (child == 0) {
    int sink = open("/dev/null", O_WRONLY);
    dup2(sink, 1);
    execl(SETUSER, "probe", "effective", NULL);
    _exit(2);
  }
  int status = 0;
  waitpid(child, &status, 0);
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
  tell("become root by a set-user program", code == 0,
       code == 0 ? "-" : code == 1 ? "ran, not as root" : "did not run");
}

static void try_memory_rights(void) {
  size_t size = 4096;
  void *page = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  tell_result("memory to write and run", page == MAP_FAILED ? -1 : 0);
  page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  tell_result("make written memory run", mprotect(page, size, PROT_READ | PROT_EXEC));
}

static void try_tasks(void) {
  static pid_t children[1024];
  int count = 0;
  errno = 0;
  while (count < 1024) {
    pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      pause();
      _exit(0);
    }
    children[count++] = child;
  }
  int code = errno;
  char how[48];
  snprintf(how, sizeof how, count == 1024 ? "-" : "%s after %d", strerrorname_np(code), count);
  for (int index = 0; index < count; index++) kill(children[index], SIGKILL);
  for (int index = 0; index < count; index++) waitpid(children[index], NULL, 0);
  tell("1024 processes", count == 1024, how);
}

// More than an engine may have (75 %) and less than its slice (80 %).
static int take_memory(void) {
  long bytes = sysconf(_SC_PHYS_PAGES) / 100 * 77 * sysconf(_SC_PAGESIZE);
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  for (long place = 0; place < bytes; place += 4096) memory[place] = 1;
  return 0;
}

static void try_files(void) {
  try_open("read /etc/shadow", "/etc/shadow", O_RDONLY);
  try_open("read the node's key", "/var/lib/heliograph/key", O_RDONLY);
  try_open("list the node's folder", "/var/lib/heliograph", O_RDONLY | O_DIRECTORY);
  try_open("read the house's description", "/etc/heliograph/heliograph.json5", O_RDONLY);
  try_open("read another user's file (0600)", "/var/lib/other/secret", O_RDONLY);
  try_open("read a home's file (0644)", "/home/ana/letter", O_RDONLY);
  try_open("read the logs (0644)", "/var/log/open.log", O_RDONLY);
  try_create("write in /etc", "/etc/probe");
  try_create("write in /usr/local/bin", "/usr/local/bin/probe-made");
  try_create("write in a folder open to all (0777)", "/var/lib/open/probe");
  try_open("write a model (0666)", "/var/lib/heliograph-models/model.gguf", O_WRONLY);
  try_open("set a kernel setting", "/proc/sys/kernel/hostname", O_WRONLY);
  try_open("write in its control group", "/sys/fs/cgroup/cgroup.procs", O_WRONLY);
  try_open("read the kernel's log", "/dev/kmsg", O_RDONLY);
}

static void try_network(void) {
  try_socket("an IPv4 socket", AF_INET, SOCK_STREAM);
  try_socket("an IPv6 socket", AF_INET6, SOCK_DGRAM);
  try_socket("a netlink socket", AF_NETLINK, SOCK_RAW);
  try_socket("a packet socket", AF_PACKET, SOCK_DGRAM);
  try_connect("reach D-Bus", "/run/dbus/system_bus_socket");
  try_connect("reach the service manager", "/run/systemd/private");
  try_connect("reach the agent's socket", "/var/lib/heliograph/control.sock");
}

static void try_devices(void) {
  try_open("open the disk (node 0666)", "/dev/vda", O_RDONLY);
  try_open("open physical memory (node 0666)", "/dev/mem", O_RDONLY);
  try_open("open a serial line (node 0666)", "/dev/ttyS1", O_RDWR);
  tell_result("make a node of the disk", mknod("/dev/shm/probe", S_IFBLK | 0600, 254 << 8));
  unlink("/dev/shm/probe");
}

// In a process of its own, which what is tried may change; the number of the error, or 0.
static void try_apart(const char *name, long (*attempt)(void)) {
  pid_t child = fork();
  if (child == 0) {
    errno = 0;
    _exit(attempt() < 0 ? errno : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECANCELED;
  tell_result(name, errno == 0 ? 0 : -1);
}

// What fails for another reason than a missing right was allowed.
static long unless_forbidden(long result) {
  return result < 0 && (errno == EPERM || errno == EACCES) ? -1 : 0;
}

static long become_root(void) { return setresuid(0, 0, 0); }
static long user_namespace(void) { return unshare(CLONE_NEWUSER); }
static long mount_something(void) { return mount("none", "/dev/shm", "tmpfs", MS_REMOUNT, NULL); }
static long change_root(void) { return chroot("/dev"); }
static long load_module(void) { return unless_forbidden(syscall(SYS_init_module, NULL, 0, "")); }
// Ctrl-Alt-Del is asked to signal init, as it does in any case once systemd has started.
static long reboot_machine(void) {
  return syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, 0);
}
static long set_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return clock_settime(CLOCK_REALTIME, &now);
}
static long trace_init(void) { return ptrace(PTRACE_SEIZE, 1, NULL, NULL); }
static long signal_init(void) { return kill(1, 0); }
static long real_time(void) {
  struct sched_param parameter = {.sched_priority = 1};
  return sched_setscheduler(0, SCHED_FIFO, &parameter);
}
static long raise_priority(void) { return setpriority(PRIO_PROCESS, 0, -10); }
static long kernel_program(void) { return unless_forbidden(syscall(SYS_bpf, 0, NULL, 0)); }
static long set_user_file(void) {
  int file = open("/dev/shm/probe-file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return -1;
  unlink("/dev/shm/probe-file");
  return fchmod(file, 04755);
}
static long host_name(void) {
  char name[65] = "";
  gethostname(name, sizeof name - 1);
  return sethostname(name, strlen(name));
}

static void try_privileges(void) {
  try_apart("become user 0", become_root);
  try_set_user();
  try_apart("make a set-user program", set_user_file);
  try_apart("a user namespace", user_namespace);
  try_apart("mount", mount_something);
  try_apart("change its root", change_root);
  try_apart("load a kernel module", load_module);
  try_apart("load a program into the kernel", kernel_program);
  try_apart("reboot's system call", reboot_machine);
  try_apart("set the clock", set_clock);
  try_apart("set the host's name", host_name);
  try_apart("trace init", trace_init);
  try_apart("signal init", signal_init);
  try_apart("real-time priority", real_time);
  try_apart("a higher priority", raise_priority);
  try_memory_rights();
}

// What an engine needs.
static void try_needs(void) {
  try_open("read its model", "/var/lib/heliograph-models/model.gguf", O_RDONLY);
  try_open("open a GPU's render node", "/dev/dri/renderD128", O_RDWR);
  try_open("open /dev/urandom", "/dev/urandom", O_RDONLY);
  try_open("read /proc/meminfo", "/proc/meminfo", O_RDONLY);
  try_create("write in its working folder", "probe-made");
  char cache[256];
  snprintf(cache, sizeof cache, "%s/probe-made", getenv("HOME") ? getenv("HOME") : "");
  try_create("write in its cache", cache);
  try_create("write in /tmp, its own", "/tmp/probe-made");
  try_socket("a Unix socket", AF_UNIX, SOCK_STREAM);
}

static int make_tries(void) {
  try_files();
  try_network();
  try_devices();
  try_processes();
  try_privileges();
  try_tasks();
  try_needs();
  return 0;
}

static void answer(int end) {
  char word[64] = "";
  ssize_t count = read(end, word, sizeof word - 1);
  if (count < 0) count = 0;
  word[count] = 0;
  dup2(end, 1);
  if (strcmp(word, "tries") == 0) {
    make_tries();
  } else if (strcmp(word, "memory") == 0) {
    exit(take_memory());
  } else if (strcmp(word, "reach") == 0) {
    tell_result("reach", reach("127.0.0.2", 9009));
  } else {
    printf("%s\n", word);
  }
  fflush(stdout);
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  unlink(path);
  int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listening, (struct sockaddr *)&address, sizeof address) < 0 || listen(listening, 8) < 0) {
    return -1;
  }
  return listening;
}

static int serve(int listening) {
  if (listening < 0) {
    perror("probe");
    return 1;
  }
  for (;;) {
    int end = accept(listening, NULL, NULL);
    if (end < 0) continue;
    pid_t child = fork();
    if (child == 0) {
      close(listening);
      answer(end);
      _exit(0);
    }
    close(end);
    while (waitpid(-1, NULL, WNOHANG) > 0) continue;
  }
}

static int ask(int end, const char *word) {
  if (end < 0) {
    printf("%s\n", strerrorname_np(errno));
    return 1;
  }
  struct timeval limit = {.tv_sec = strcmp(word, "tries") == 0 ? 300 : 2};
  setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (write(end, word, strlen(word)) < 0) return 1;
  char bytes[4096];
  ssize_t count, total = 0;
  while ((count = read(end, bytes, sizeof bytes)) > 0) {
    fwrite(bytes, 1, count, stdout);
    total += count;
  }
  if (total == 0) printf("no answer\n");
  return total == 0;
}

int main(int count, char **words) {
  const char *name = strrchr(words[0], '/') ? strrchr(words[0], '/') + 1 : words[0];
  if (strcmp(name, "nvidia-smi") == 0) {
    for (int index = 1; index < count; index++) printf("argument\t%s\t-\n", words[index]);
    return make_tries();
  }
  const char *verb = count > 1 ? words[1] : "";
  if (strcmp(verb, "tries") == 0) return make_tries();
  if (strcmp(verb, "memory") == 0) return take_memory();
  if (strcmp(verb, "effective") == 0) return geteuid() == 0 ? 0 : 1;
  if (strcmp(verb, "serve") == 0 && count == 3) return serve(listen_at(words[2]));
  if (strcmp(verb, "ask") == 0 && count == 4) return ask(connect_to(words[2]), words[3]);
  const char *address = getenv("ADDRESS") ? getenv("ADDRESS") : "127.0.0.1";
  if (strcmp(verb, "serve-port") == 0 && count == 3) return serve(listen_on(address, atoi(words[2])));
  if (strcmp(verb, "ask-port") == 0 && count == 4) {
    return ask(reach(address, atoi(words[2])), words[3]);
  }
  fprintf(stderr, "say what: see the top of probe.c\n");
  return 2;
}
