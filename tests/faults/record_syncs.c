/* Loaded with LD_PRELOAD: records what the disk is sure to hold of the files below ROOT, both given by the compiler.

   Each successful sync of a file appends "F inode size" to KEPT/log, with the size before the call; each one of a folder
   "D path" and a line "E inode kind name" for each of its entries. KEPT/inode is a link to each file, so that its content
   and number stay even when the file is deleted. tests/faults/power.py makes of it what a power cut would leave. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void keep_link(int folder, const char *from, int flags, unsigned long inode) {
    char to[PATH_MAX];
    snprintf(to, sizeof to, KEPT "/%lu", inode);
    linkat(folder, from, AT_FDCWD, to, flags); /* there already: the same file */
}

static void describe_folder(FILE *out, const char *path) {
    DIR *folder = opendir(path);
    struct dirent *entry;
    fprintf(out, "D %s\n", path);
    while (folder && (entry = readdir(folder))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        int is_folder = entry->d_type == DT_DIR;
        if (entry->d_type == DT_REG) keep_link(dirfd(folder), entry->d_name, 0, entry->d_ino);
        if (is_folder || entry->d_type == DT_REG)
            fprintf(out, "E %lu %c %s\n", (unsigned long)entry->d_ino, is_folder ? 'd' : 'f', entry->d_name);
    }
    if (folder) closedir(folder);
}

static int record(int file, const char *function) {
    int (*sync_it)(int) = (int (*)(int))dlsym(RTLD_NEXT, function);
    char link[64], path[PATH_MAX] = "", *text = NULL;
    size_t length = 0;
    struct stat found;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (readlink(link, path, sizeof path - 1) < 0 || strncmp(path, ROOT, strlen(ROOT)) || fstat(file, &found))
        return sync_it(file);
    FILE *out = open_memstream(&text, &length);
    if (S_ISDIR(found.st_mode)) {
        describe_folder(out, path);
    } else {
        keep_link(AT_FDCWD, link, AT_SYMLINK_FOLLOW, found.st_ino);
        fprintf(out, "F %lu %lld\n", (unsigned long)found.st_ino, (long long)found.st_size);
    }
    fclose(out);
    int result = sync_it(file);
    if (!result) {
        int log = open(KEPT "/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (write(log, text, length) != (ssize_t)length) abort();
        close(log);
    }
    free(text);
    return result;
}

int fsync(int file) { return record(file, "fsync"); }
int fdatasync(int file) { return record(file, "fdatasync"); }
