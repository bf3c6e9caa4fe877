#!/bin/sh
# A real bus and a real polkit of their own, for one command of a user without privileges, in a terminal of theirs:
#   unshare --mount --pid --fork --kill-child --mount-proc sh own-polkit.sh UID COMMAND [ACTION-FILE]
# as root. The user, to this polkit an administrator with the password "swordfish", is known in these namespaces only, and what is
# started here ends with them.
set -eu
uid=$1 command=$2 action=${3:-}

# Also without the sessions of systemd: the terminal is in none of them.
mount -t tmpfs -o mode=755 none /run
mkdir -p /run/dbus /run/rules
# In place of the host's own, for nobody else. The hash is crypt(3)'s.
with() {
  cp -p "$1" /run
  echo "$2" >>"/run/${1##*/}"
  mount --bind "/run/${1##*/}" "$1"
}
with /etc/passwd "swaplab-tester:x:$uid:$uid::$HOME:/bin/sh"
# shellcheck disable=SC2016
with /etc/shadow 'swaplab-tester:$6$swaplab$Q4Hl/VBHmi32vHc3L57CW/bdhDAfs2bmzHPigXdTnp8Zgcw3DNMKTG/rOOgdUlX3d5jgKZ.wYScJIcNwg7ks4/:19000::::::'
# No arrow: polkit's JavaScript may be of 2009.
echo 'polkit.addAdminRule(function () { return ["unix-user:swaplab-tester"] })' >/run/rules/00-swaplab.rules
mount --bind /run/rules /etc/polkit-1/rules.d
if [ -n "$action" ]; then
  cp -r /usr/share/polkit-1/actions /run/actions
  cp "$action" /run/actions/org.swaplab.kernel-lanes.policy
  mount --bind /run/actions /usr/share/polkit-1/actions
fi
# With it in the house, the lab would ask that way where there is no desktop.
if [ -e /usr/bin/sudo ]; then mount --bind /dev/null /usr/bin/sudo; fi

dbus-daemon --system --fork
for polkitd in /usr/lib/polkit-1/polkitd /usr/libexec/polkitd /usr/libexec/polkit-1/polkitd; do
  if [ -x $polkitd ]; then $polkitd --no-debug >/dev/null 2>&1 & fi
done
tries=0
until pkcheck --action-id org.freedesktop.policykit.exec --process $$; do
  tries=$((tries + 1))
  if [ $tries -ge 100 ]; then echo 'polkit does not answer' && exit 1; fi
  sleep 0.1
done

# Not in its place: the first process of these namespaces is the parent of whoever loses their own.
SHELL=/bin/sh setpriv --reuid "$uid" --regid "$uid" --clear-groups script -qefc "$command" /dev/null
