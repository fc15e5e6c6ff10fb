# Reads names of source files, and reports arrows between modules that should not be; see rooms.sh.

BEGIN { n = split(ENVIRON["known"], circles, "\n"); for (i = 1; i <= n; i++) if (circles[i] != "") is_known[circles[i]] = 1 }

{ files[++count] = $0 }

END {
  read_code(source "/lib.rs", "")
  for (f = 1; f <= count; f++) if (files[f] != source "/lib.rs") read_code(files[f], module_of(files[f]))
  for (s = 1; s <= statements; s++) name_reexports(s)
  for (s = 1; s <= statements; s++) follow(s)
  report()
}

# `stockops-core/src/drift/monitor.rs` holds the module `drift::monitor`.
function module_of(file) {
  file = substr(file, length(source) + 2)
  sub(/\.rs$/, "", file)
  gsub(/\//, "::", file)
  return file
}

# Keep the code of a file as statements: text up to a `;`, `{` or `}` outside of a `use`, with the line that it begins on.
function read_code(file, module,    line, number, text, start, indent, skipping, test) {
  while ((getline line < file) > 0) {
    number++
    if (skipping) { if (line == indent "}") skipping = 0; continue }
    if (line ~ /^ *#\[cfg\(test\)\]/) { test = 1; continue }
    sub(/^ *\/\/.*/, "", line)
    gsub(/"([^"\\]|\\.)*"/, "", line)
    sub(/ \/\/ .*/, "", line)
    if (line ~ /^ *$/ || line ~ /^ *#\[/) continue
    if (test) {
      test = 0
      if (line ~ /\{$/) { match(line, /^ */); indent = substr(line, 1, RLENGTH); skipping = 1; continue }
      if (match(line, /mod [a-z_0-9]+;/)) only_for_tests[inside(module, substr(line, RSTART + 4, RLENGTH - 5))] = 1
      continue
    }
    if (module == "" && match(line, /^(pub )?mod [a-z_0-9]+;/)) {
      match(line, /[a-z_0-9]+;/)
      order[substr(line, RSTART, RLENGTH - 1)] = ++rooms
    }
    if (text == "") start = number
    text = text " " line
    if (text ~ /^ *(pub(\([a-z: ]+\))? )?use / && text !~ /;/) continue
    keep(file, module, start, text)
    text = ""
  }
  close(file)
  exists[module] = 1
}

function keep(file, module, line, text) {
  statements++
  file_of[statements] = file; module_at[statements] = module; line_of[statements] = line; text_of[statements] = text
}

function inside(module, name) { return module == "" ? name : module "::" name }

# Break `use a::{b, c::{d, e}};` into the paths a::b, a::c::d, a::c::e; fills paths[1..] and returns their number.
function expand(tree, prefix, paths, n,    depth, i, c, part, open) {
  open = index(tree, "{")
  if (!open) { sub(/ +as +[A-Za-z_0-9]+$/, "", tree); paths[++n] = prefix tree; return n }
  prefix = prefix substr(tree, 1, open - 1)
  tree = substr(tree, open + 1)
  for (i = 1; i <= length(tree); i++) {
    c = substr(tree, i, 1)
    if (c == "{") depth++
    if ((c == "," && !depth) || (c == "}" && !depth)) { if (part != "") n = expand(part, prefix, paths, n); part = "" }
    else part = part c
    if (c == "}") { if (!depth) break; depth-- }
  }
  return n
}

# The tree of a `use` without spaces and visibility; empty where the statement is none.
function tree_of(text) {
  if (text !~ /^ *(pub(\([a-z: ]+\))? )?use /) return ""
  sub(/^ *(pub(\([a-z: ]+\))? )?use /, "", text)
  sub(/;.*/, "", text)
  gsub(/ as /, "@", text); gsub(/ /, "", text); gsub(/@/, " as ", text)
  return text
}

# Remember which child of a module a name comes from that the module imports: `pub use monitor::DriftMonitor`.
function name_reexports(s,    tree, paths, n, i, steps, k, module) {
  if ((tree = tree_of(text_of[s])) == "") return
  module = module_at[s]
  n = expand(tree, "", paths, 0)
  for (i = 1; i <= n; i++) {
    sub(/^self::/, "", paths[i])
    k = split(paths[i], steps, "::")
    if (k > 1 && inside(module, steps[1]) in exists) from[module, steps[k]] = steps[1]
  }
}

# Follow every path of a statement.
function follow(s,    tree, paths, n, i, text) {
  if (module_at[s] == "" || is_for_tests(module_at[s])) return
  if ((tree = tree_of(text_of[s])) != "") {
    n = expand(tree, "", paths, 0)
    for (i = 1; i <= n; i++) arrow(s, paths[i])
    return
  }
  text = text_of[s]
  while (match(text, /(crate|super)(::[A-Za-z_0-9]+)+/)) {
    arrow(s, substr(text, RSTART, RLENGTH))
    text = substr(text, RSTART + RLENGTH)
  }
}

function is_for_tests(module,    steps, n, i, part) {
  n = split(module, steps, "::")
  for (i = 1; i <= n; i++) { part = inside(part, steps[i]); if (part in only_for_tests) return 1 }
  return 0
}

# An arrow from the module of a statement to what `path` names: it counts between the two children of the innermost module
# that holds both.
function arrow(s, path,    own, target, n, k, up, i, common, here, there) {
  n = split(module_at[s], own, "::")
  k = split(path, target, "::")
  if (target[1] == "crate") up = 0
  else if (target[1] == "super") { up = n; for (i = 1; target[i] == "super"; i++) up-- }
  else return
  for (i = 1; target[i] == "super" || target[i] == "crate"; i++);
  if (up < 0 || i > k) return
  common = ""
  for (n = 1; n <= up; n++) common = inside(common, own[n])
  # Down through what both share.
  while (own[up + 1] == target[i] && i < k) { common = inside(common, own[++up]); i++ }
  here = own[up + 1]; there = target[i]
  if (here == "") return
  if (!(inside(common, there) in exists)) there = from[common, there]
  if (there == "" || there == here || inside(common, there) in only_for_tests) return
  edges++
  edge_common[edges] = common; edge_here[edges] = here; edge_there[edges] = there; edge_at[edges] = s
  uses[common, here, there] = edges
}

function report(    e, common, here, there, s, wrong, pair) {
  for (e = 1; e <= edges; e++) {
    common = edge_common[e]; here = edge_here[e]; there = edge_there[e]; s = edge_at[e]
    if (common == "" && order[there] > order[here]) {
      printf "%s:%d: the room `%s` uses `%s`, which lib.rs shows after it\n", file_of[s], line_of[s], here, there
      wrong++
    }
    if (common == "" || !((common, there, here) in uses) || told[common, here, there]++) continue
    pair = common " " (here < there ? here " " there : there " " here)
    if (pair in is_known) { found[pair] = 1; continue }
    printf "%s:%d: in `%s` the file `%s` uses `%s`, and `%s` uses `%s`\n", \
      file_of[s], line_of[s], common, here, there, there, here
    wrong++
  }
  for (pair in is_known) if (!(pair in found)) {
    printf "tests/rooms.sh: the circle `%s` is gone: take its line out of the list\n", pair
    wrong++
  }
  if (wrong) exit 1
  print rooms " rooms, " edges " arrows, none of them up"
}
