/** The help text. */

export const USAGE = `usage: weldc COMMAND FILE.weld [options]
       weldc build FILE.weld -o DIR; weldc bench DIR [options]
       weldc repl [FILE.weld] [options]

commands
  run      run a program and print its value
  check    say whether a program is right, and everything that is wrong with it
  fmt      print a program let-normalised: macros expanded, one operation a let
  explain  show the passes, what they save, the fused program and the lowering decisions
  bisect   find the rewrite of a pass that makes the result of a program wrong
  build    compile a program, or the lazy value that a module exports, into a folder (an artifact)
  bench    run an artifact on made-up or given data and say how long it takes
  repl     read definitions and expressions, print their values; :help there says more

options
  --args JSON       arguments of the program, a JSON array with one value each
                    (run; default []. bisect, bench; default made up)
  --target TARGET   wasm or interp, the reference interpreter; bisect compares both unless interp
                    is asked for (run, bisect, repl; default WELD_TARGET, else wasm, in repl interp)
  --threads N       threads to use (run, bisect, bench, repl; default all cores, or WELD_THREADS)
  --fuel N          how many lets and iterations a run may take (run, bisect, repl; interp only)
  --memory BYTES    how much memory a run may hold: 65536, 64K, 16M, 2G; above 4G on engines with
                    memory64 (run, bisect, bench, repl; build: what the sessions that load it may)
  --fast-math       let passes use rules that hold over the real numbers only: results may differ
                    by more than rounding (run, explain, bisect, build, repl; generated code only)
  --compact         print the text as it is on one line, without comments: aliases are replaced,
                    macros are not expanded, their definitions come first (fmt)
  --diff            show the lines that each pass changed (explain)
  --html FILE       write a page with the program before and after each pass (explain)
  -o, --out DIR     the folder to write (build)
  --stream NAMES    parameters that may come in batches, by name or number: x,y or 1,3 (build)
  -O, --optimize    also run binaryen's optimiser over the machine code, which takes a while (build)
  --n N             elements of each made-up vector (bench; default 1000000)
  --seed N          of made-up data (bench; default 1)
  --runs N          timed runs (bench; default 10)
  --batch ROWS      run by the stages of a stream, in batches of so many rows (bench)
  --json            print one JSON object; repl: one for each input
  -h, --help        this text
  --version         the version
  FILE may be - for standard input (not in repl)

exit status
  0  there is a result
  1  the program is wrong or failed; bisect: a pass or the code generator is wrong;
     repl without a terminal: some input failed
  2  the command line or the arguments are wrong, or the file cannot be read

example
  weldc run sum.weld --args '[[1, 2, 3], 10]'
`;
