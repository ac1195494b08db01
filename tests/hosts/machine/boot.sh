#!/bin/sh
# Becomes the first process of a machine, in namespaces of its own: boot.sh ROOT NAME ADDRESS/BITS NETWORK PORT INIT...
# ROOT is its file system beside the programs of this one; NETWORK is the process whose bridge it is plugged into, at PORT.
set -eu
root=$1 name=$2 address=$3 network=/proc/$4/ns/net port=$5
shift 5

# The last act in the outer /proc: the number by which others enter.
read -r pid _ </proc/self/stat
hostname "$name"
ip link set lo up
ip link add eth0 type veth peer name "$port" netns "$network"
nsenter --net="$network" ip link set "$port" master br0 up
ip address add "$address" dev eth0
ip link set eth0 up

mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
for directory in usr proc sys dev run tmp old; do
    mkdir -p "$directory"
done
for link in bin sbin lib lib64; do
    [ -L "$link" ] || ln -s "usr/$link" "$link"
done
mount --bind /usr usr
mount -o remount,bind,ro usr
mount -t proc proc proc
# What is set there holds for every machine, but for the network.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,rw proc/sys/net
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup || [ "$1" != /lib/systemd/systemd ]
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
echo "$pid" >"$root.pid"
pivot_root . old
umount -l /old
exec env -i container=redisforge PATH=/opt/by-hand:/usr/sbin:/usr/bin "$@"
