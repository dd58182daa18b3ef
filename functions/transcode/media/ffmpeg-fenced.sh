#!/bin/sh
# Runs the ffmpeg at $TAPEDECK_FFMPEG inside fences. What it decodes is somebody else's upload: if that takes ffmpeg over,
# it finds no environment with credentials in it and cannot write a file or use up the machine.
# Every step is an exec, so that killing this process kills ffmpeg.
ulimit -c 0
ulimit -f 0
ulimit -t 3600
# KiB of address space. macOS cannot bound it.
ulimit -v 2097152 2>/dev/null || :
# Its threads hand one another a frame at a time. Each woken at once, two ffmpegs on two cores would spend a tenth of their time on
# taking turns; as batch work they change places six times less often. Where there is no chrt, they are as they were.
chrt --batch --pid 0 $$ 2>/dev/null || :
exec nice -n 10 env -i "$TAPEDECK_FFMPEG" "$@"
