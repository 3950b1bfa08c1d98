#!/bin/sh
# A launcher that talks: before the host, all the while, and after it; and that takes its time.
printf 'Welcome!\n\365jsp\373\002 this only looks like the beginning of a frame\n'
sleep 0.2
( while sleep 0.01; do echo "the launcher is well"; done ) &
noise=$!
"$@"
code=$?
kill "$noise"
echo "the host has ended"
exit "$code"
