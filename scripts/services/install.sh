#!/bin/sh
# install.sh PACKAGE: installs a Debian package, once however many processes ask for it. They take turns here: apt-get refuses a second one the lists of
# packages, and one that has finished would take the policy away from the others.
set -eu
exec 9>/tmp/jobport-install.lock
flock 9
if dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; then exit 0; fi

# Debian starts a server when it is installed, unless this file says no. Ours run elsewhere, and only for a while.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=300 update -q || true
apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends "$1"
