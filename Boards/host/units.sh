# Sourced: which of systemd/ lies where on a machine, for the package and for what tests the units.
# shellcheck shell=bash

# Puts the units and what belongs to them below a root.
#   install_units ROOT
install_units() {
  local root=$1 system=$1/usr/lib/systemd/system unit template
  for unit in systemd/*.service systemd/*.slice; do
    install -D -m 0644 "$unit" "$system/${unit##*/}"
  done
  # One sandbox for both: what one of them is denied the other is, too.
  for template in engine job; do
    install -D -m 0644 systemd/heliograph-sandbox.conf \
      "$system/heliograph-$template@.service.d/10-sandbox.conf"
  done
  install -D -m 0644 systemd/heliograph.sysusers.conf "$root/usr/lib/sysusers.d/heliograph.conf"
  install -D -m 0644 systemd/heliograph.tmpfiles.conf "$root/usr/lib/tmpfiles.d/heliograph.conf"
  install -D -m 0644 systemd/60-heliograph.rules "$root/usr/lib/udev/rules.d/60-heliograph.rules"
  install -D -m 0644 systemd/heliograph.polkit.rules \
    "$root/usr/share/polkit-1/rules.d/heliograph.rules"
  install -D -m 0644 systemd/heliograph.dbus.conf \
    "$root/usr/share/dbus-1/system.d/heliograph.conf"
}
