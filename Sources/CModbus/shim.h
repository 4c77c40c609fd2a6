#pragma once
#include <modbus.h>
// Pseudo-terminals, which serial servers can be tried on; Swift's Glibc leaves them out.
#include <pty.h>
