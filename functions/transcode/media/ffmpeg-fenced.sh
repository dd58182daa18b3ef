#!/bin/sh
# Runs the ffmpeg at $TAPEDECK_FFMPEG inside fences. What it decodes is somebody else's upload: if that takes ffmpeg over,
# it finds no environment with credentials in it, no file grows by it, and no process of it takes more than its time and memory.
# This is no sandbox: SECURITY.md says what is left.
# Before ffmpeg's own arguments may stand how many seconds of CPU time it has: -cpu_seconds 300
# Every step is an exec, so that killing this process kills ffmpeg.
ulimit -c 0
ulimit -f 0
# At first ffmpeg is told (SIGXCPU), ends, and says why; if it does not, it is killed.
cpu=3600
if [ "$1" = -cpu_seconds ]; then
  cpu=$2
  shift 2
fi
ulimit -S -t "$cpu"
ulimit -H -t $((cpu + 10))
# KiB of address space. macOS cannot bound it.
ulimit -v 2097152 2>/dev/null || :
# Its threads hand one another a frame at a time. Each woken at once, two ffmpegs on two cores would spend a tenth of their time on
# taking turns; as batch work they change places six times less often. Where there is no chrt, they are as they were.
chrt --batch --pid 0 $$ 2>/dev/null || :
exec nice -n 10 env -i "$TAPEDECK_FFMPEG" "$@"
