# One recipe for each task. Each runs `cargo xtask` with the same name and options.

set positional-arguments

# Recipes run in this folder. Relative paths in options start at the caller's folder.
export MEMVIZ_CALLED_FROM := invocation_directory()

[private]
default:
    @just --list --unsorted

# Boots memviz in QEMU; without a display, saves pictures
run *options:
    @cargo xtask run "$@"

# Shows a trace file that `just run --trace FILE` wrote, in a window: just play FILE --at 3s
play *options:
    @cargo xtask play "$@"

# Compares two moments, of one trace file or of two: just diff A B --at 2s --at 5s
diff *options:
    @cargo xtask diff "$@"

# Converts a trace file for other programs: just export FILE --perfetto|--csv|--json
export *options:
    @cargo xtask export "$@"

# Makes one HTML file of lessons or trace files, for any browser: just web copy-on-write
web *options:
    @cargo xtask web "$@"

# Runs all tests: on the host, in QEMU, and comparisons of the screens with references
test *options:
    @cargo xtask test "$@"

# Checks the source: format, clippy, docs, imports, lengths, licences
lint *options:
    @cargo xtask lint "$@"

# Checks licences, sources and advisories of dependencies (part of lint)
deny:
    @cargo xtask lint --filter deny

# Makes all pictures in screenshots/ again
screenshots:
    @cargo xtask screenshots

# Saves a picture of each step of a lesson, and a page to click through or to print
slides *options:
    @cargo xtask slides "$@"

# Saves one panel in one step of a lesson as PNG or SVG, for a report
figure *options:
    @cargo xtask figure "$@"

# Measures costs, in guest instructions
bench *options:
    @cargo xtask bench "$@"

# Counts page faults of every replacement policy for a reference string
policies *options:
    @cargo xtask policies "$@"

# Plays a file of allocation requests to every heap strategy
workload *options:
    @cargo xtask workload "$@"

# Records the allocation requests of a program: just record -- PROGRAM ARGUMENTS
record *options:
    @cargo xtask record "$@"

# Runs each fuzz target for some seconds with new inputs (default 10)
fuzz *options:
    @cargo xtask fuzz "$@"

# Runs the event ring through every interleaving of its threads
loom:
    @cargo xtask loom

# Runs unit tests in an interpreter that finds undefined behaviour
miri *options:
    @cargo xtask miri "$@"

# Changes the source of mm, and lists the changes that no test notices
mutants *options:
    @cargo xtask mutants "$@"

# Plays the demo for a day of guest time (or this many seconds): no loss, no mismatch, no growth
soak *seconds:
    @cargo xtask soak "$@"

# Boots the kernel on many machines, and writes the table of docs/machines.md
matrix *options:
    @cargo xtask matrix "$@"

# Reads and writes more pages than there are frames, a million times for each policy: no loss
churn *options:
    @cargo xtask churn "$@"

# Builds target/memviz.iso, which boots on BIOS and UEFI, also from a USB stick
iso:
    @cargo xtask iso

# Makes target/release-files/: the image, a page for each lesson, and checksums
release:
    @cargo xtask release

# Installs missing tools
setup:
    @cargo xtask setup

# Makes the glyph atlases in fonts/ again
fonts:
    @cargo xtask fonts
