/** What `:help` prints. */

export const HELP = `An input is an expression, or definitions, or definitions and an expression behind them. It goes on in the next
line while it is not whole; an empty line ends it as it is, Ctrl-C drops it. A later definition of a name replaces
the earlier one. Values are JSON, with their type.

  let x = [1, 2, 3];           a value; a builder, too: each use of it is a use of a copy
  let f = (|a: i64| a + 1L);   a function, to be called: f(2L)
  macro twice(a) = a + a;      a macro
  type point = {f64,f64};      a type
  map(x, |e| e * 2)            an expression is evaluated

  :type EXPR       the type of an expression
  :passes [EXPR]   what each pass changes in it, or in the one evaluated last, and how many loops are left
  :explain EXPR    the passes, the fused program and the lowering decisions
  :load FILE       evaluate a file; a program that is a function becomes main
  :vars            what is defined
  :history         the inputs so far
  :reset           forget what is defined
  :target [NAME]   where programs run: interp or wasm
  :threads [N]     the most threads that wasm uses
  :json on|off     answer each input with one JSON object
  :help            this text
  :quit            leave, as Ctrl-D does

A command may be shortened, :q. While something runs, Ctrl-C ends weldc; --fuel N limits what an input may take.
`;
