# One recipe per thing that a person does; each is `cargo xtask` of the same name, and takes its options.

set positional-arguments

# Recipes run in this folder; relative paths of options are meant from where you stand.
export MEMVIZ_CALLED_FROM := invocation_directory()

[private]
default:
    @just --list --unsorted

# Boots memviz in QEMU; without a display, takes pictures
run *options:
    @cargo xtask run "$@"

# Tests everything: the host's parts, machines in QEMU, screens against references
test *options:
    @cargo xtask test "$@"

# Remakes every picture under screenshots/
screenshots:
    @cargo xtask screenshots

# Makes a picture of each step of a lesson, and a page to click through or to print
slides *options:
    @cargo xtask slides "$@"

# What things cost, in instructions of the guest
bench *options:
    @cargo xtask bench "$@"

# Makes target/memviz.iso, bootable by BIOS and UEFI, from a stick or in a machine
iso:
    @cargo xtask iso

# Installs what is missing
setup:
    @cargo xtask setup

# Remakes the glyph atlases under fonts/
fonts:
    @cargo xtask fonts
