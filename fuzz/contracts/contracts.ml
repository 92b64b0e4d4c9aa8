(* A plug-in of Frama-C's that writes a program with its contracts as run-time
   checks: the functions as the kernel has normalised them, ghost code made
   real, each behind a function of its name that evaluates the `requires`
   clauses before and the `ensures` clauses after; a global that its `assigns`
   does not name must not have changed. monitor.h is what the result
   builds on.

   What cannot be run is left out by name; if the list of it (left_out.txt) is
   given, a clause that is missing there, or there in vain, is an error. *)

open Cil_types
open Logic

(* ---- contracts: a wrapper around each function ---- *)

type clause = { place : Filepath.position; owner : string; kind : string; label : string; text : string }

let clauses : clause list ref = ref [] (* those that run, the last first *)
let left_out : string list ref = ref []

let on_one_line format value =
  let text = Format.asprintf "%a" format value in
  String.concat " " (List.filter (( <> ) "") (String.split_on_char ' ' (String.map (function '\n' -> ' ' | c -> c) text)))

let initializer_of clause =
  let quoted text = sprintf "\"%s\"" (String.escaped text) in
  let file = Filepath.Normalized.to_pretty_string clause.place.Filepath.pos_path in
  sprintf "{%s, %d, %s, %s, %s, %s}" (quoted file) clause.place.Filepath.pos_lnum (quoted clause.owner) (quoted clause.kind)
    (quoted clause.label) (quoted clause.text)

(* `CHECK(...)` of a clause, or nothing where it is left out. *)
let check owner kind env (clause : identified_predicate) =
  let p = clause.ip_content.tp_statement in
  let label = match p.pred_name with name :: _ -> name | [] -> "clause" in
  match predicate env p with
  | value ->
    let text = on_one_line Printer.pp_predicate { p with pred_name = [] } in
    clauses := { place = fst p.pred_loc; owner; kind; label; text } :: !clauses;
    sprintf "  CHECK(%d, %s);\n" (List.length !clauses - 1) value
  | exception Cannot why -> left_out := sprintf "%s %s %s: %s" owner kind label why :: !left_out; ""

(* The globals that an `assigns` names. *)
let assigned places =
  let base (place, _) =
    match place.it_content.term_node with
    | TLval (TVar { lv_origin = Some vi; _ }, _) when vi.vglob -> vi
    | _ -> cannot "place %a" Printer.pp_identified_term place
  in
  Globals.of_list (List.map base places)

(* `FRAME(...)` for every global that is not named. *)
let check_frame owner vi all = function
  | WritesAny -> ""
  | Writes places ->
    match assigned places with
    | named ->
      let names = concat_map ", " (fun vi -> vi.vname) (Globals.elements named) in
      let text = "assigns " ^ (if names = "" then "\\nothing" else names) in
      clauses := { place = fst vi.vdecl; owner; kind = "assigns"; label = "clause"; text } :: !clauses;
      let frame global = sprintf "  FRAME(%d, %s);\n" (List.length !clauses - 1) global.vname in
      concat_map "" frame (Globals.elements (Globals.diff all named))
    | exception Cannot why -> left_out := sprintf "%s assigns: %s" owner why :: !left_out; ""

let default_behavior kf =
  let named, default = List.partition (fun b -> b.b_name <> Cil.default_behavior_name) (Annotations.behaviors kf) in
  let leave_out b = left_out := sprintf "%s behavior %s: not translated" (Kernel_function.get_name kf) b.b_name :: !left_out in
  List.iter leave_out named;
  match default with [b] -> Some b | _ -> None

let declared name vi =
  Format.asprintf "%a" Printer.pp_vdecl { vi with vname = name; vstorage = NoStorage; vinline = false; vattr = [] }

let globals_of clauses =
  let uses = new uses in
  List.iter (fun clause -> ignore (Visitor.visitFramacIdPredicate (uses :> Visitor.frama_c_visitor) clause)) clauses;
  uses#globals

(* The function as others call it: `outer` evaluates the clauses and calls `inner`. None without a contract. *)
let wrapper all kf vi formals ~outer ~inner ~linkage =
  let owner = Kernel_function.get_name kf in
  let labels now = [BuiltinLabel Here, now; BuiltinLabel Post, now; BuiltinLabel Old, "before"; BuiltinLabel Pre, "before"] in
  let env now = { where = owner; defined = None; vars = []; labels = labels now; here = Some now } in
  let clauses = function
    | None -> [], [], WritesAny
    | Some b ->
      b.b_requires, List.filter_map (function Normal, clause -> Some clause | _ -> None) b.b_post_cond,
      b.b_assigns
  in
  let requires, ensures, assigns = clauses (default_behavior kf) in
  let globals = globals_of (requires @ ensures) in
  let requires = concat_map "" (check owner "requires" (env "before")) requires in
  let ensures = concat_map "" (check owner "ensures" (env "after")) ensures in
  (* Of a function without a contract Frama-C invents an `assigns`. *)
  let frame = if requires = "" && ensures = "" then "" else check_frame owner vi all assigns in
  let copies state globals = concat_map "" (fun vi -> sprintf "  COPY(%s, %s);\n" state vi.vname) (Globals.elements globals) in
  let call = sprintf "%s(%s)" inner (concat_map ", " (fun vi -> vi.vname) formals) in
  let typ = Cil.getReturnType vi.vtype in
  let call, return =
    if Cil.isVoidType typ then call, ""
    else Format.asprintf "%a result = %s" Printer.pp_typ typ call, "  return result;\n" in
  if requires = "" && ensures = "" then None
  else
    Some (String.concat "" [
      sprintf "UNSEEN %s%s {\n" linkage (declared outer vi);
      "  struct state *before = enter(), *after = &now;\n  (void)after;\n";
      copies "before" all; "  evaluate();\n"; requires;
      sprintf "  %s;\n" call;
      copies "after" globals; "  evaluate();\n"; ensures; frame;
      "  leave();\n"; return; "}\n\n" ])

(* ---- the program ---- *)

class ghost_made_real = object
  inherit Visitor.frama_c_inplace
  method! vglob_aux = function GAnnot _ -> Cil.SkipChildren | _ -> Cil.DoChildren
  method! vvdec vi =
    vi.vghost <- false;
    vi.vattr <- Cil.dropAttribute Cil.frama_c_ghost_formal vi.vattr;
    (match vi.vtype with
     | TFun (result, Some formals, variadic, attributes) ->
       let real (name, typ, attributes) = name, typ, Cil.dropAttribute Cil.frama_c_ghost_formal attributes in
       vi.vtype <- TFun (result, Some (List.map real formals), variadic, attributes)
     | _ -> ());
    Cil.DoChildren
  method! vstmt_aux s = s.ghost <- false; Cil.DoChildren
  method! vattr = function Attr ("ghost", []) -> Cil.ChangeTo [] | _ -> Cil.DoChildren
end

let of_the_library (position, _) =
  let path = (position.Filepath.pos_path :> string) in
  let share = (Fc_config.datadir :> string) in
  String.length path >= String.length share && String.sub path 0 (String.length share) = share

let print_global out g = Format.fprintf out "%a@." (Printer.without_annot Printer.pp_global) g

(* The definition of a function, under another name if it is behind a wrapper. *)
let print_body out (f, wrapped) =
  let name = f.svar.vname in
  f.svar.vinline <- false;
  if wrapped then (f.svar.vname <- "body_" ^ name; f.svar.vstorage <- Static);
  print_global out (GFun (f, Cil_datatype.Location.unknown));
  f.svar.vname <- name

type parts = { heads : Buffer.t; wrappers : Buffer.t; globals : Globals.t }

let add parts linkage name vi = Printf.bprintf parts.heads "%s%s;\n" linkage (declared name vi)

let add_wrapper parts = function
  | None -> false
  | Some text -> Buffer.add_string parts.wrappers text; true

(* The wrapper of a function takes its name; that of one that is defined elsewhere is called in its place. *)
let prepare parts = function
  | GFun (f, _) ->
    let vi = f.svar in
    let name = vi.vname and linkage = if vi.vstorage = Static || vi.vinline then "static " else "" in
    let inner = "body_" ^ name in
    let kf = Kernel_globals.Functions.get vi in
    let wrapped = add_wrapper parts (wrapper parts.globals kf vi f.sformals ~outer:name ~inner ~linkage) in
    add parts linkage name vi;
    if wrapped then add parts "static " inner vi;
    Some (f, wrapped)
  | GFunDecl (_, vi, _) when not (Kernel_function.is_definition (Kernel_globals.Functions.get vi)) ->
    let kf = Kernel_globals.Functions.get vi and name = vi.vname in
    let outer = "checked_" ^ name in
    add parts "" name vi;
    let formals = Kernel_function.get_formals kf in
    if add_wrapper parts (wrapper parts.globals kf vi formals ~outer ~inner:name ~linkage:"static ") then begin
      add parts "static " outer vi;
      vi.vname <- outer
    end;
    None
  | _ -> None

let is_data = function
  | GType _ | GCompTag _ | GCompTagDecl _ | GEnumTag _ | GEnumTagDecl _ | GVar _ | GVarDecl _ -> true
  | _ -> false

(* The program's own globals, its functions, and the parts that are made of their contracts. *)
let translate () =
  let file = Ast.get () in
  Visitor.visitFramacFileSameGlobals (new ghost_made_real) file;
  let ours = List.filter (fun g -> not (of_the_library (Cil_datatype.Global.loc g))) file.globals in
  let variable = function GVar (vi, _, _) | GVarDecl (vi, _) when not (is_const vi) -> Some vi | _ -> None in
  let globals = Globals.of_list (List.filter_map variable ours) in
  let parts = { heads = Buffer.create 4096; wrappers = Buffer.create 65536; globals } in
  let bodies = List.filter_map (prepare parts) ours in
  ours, bodies, parts

let write_program path (ours, bodies, parts) =
  let channel = open_out path in
  let out = Format.formatter_of_out_channel channel in
  let line format = Format.fprintf out (format ^^ "@.") in
  line "/* Written by contracts.ml. */";
  line "#include <stdbool.h>";
  line "#include <stdint.h>";
  List.iter (print_global out) (List.filter is_data ours);
  line "struct state {";
  Globals.iter (fun vi -> line "  %a;" Printer.pp_vdecl { vi with vstorage = NoStorage; vattr = [] }) parts.globals;
  line "};";
  line "enum { CLAUSES = %d };" (List.length !clauses);
  line "#include \"monitor.h\"";
  line "static const struct clause clauses[CLAUSES] = {";
  List.iter (fun clause -> line "  %s," (initializer_of clause)) (List.rev !clauses);
  line "};";
  List.iter (fun buffer -> line "%s" (Buffer.contents buffer)) [parts.heads; prototypes; functions];
  List.iter (print_body out) bodies;
  line "%s" (Buffer.contents parts.wrappers);
  close_out channel

let run () =
  if Tables.Output.get () <> "" then begin
    Kernel.Unicode.set false;
    if Tables.Bounds.get () <> "" then Tables.read_bounds (Tables.Bounds.get ());
    let program = translate () in
    Tables.check_bounds ();
    if Tables.Left_out.get () <> "" then
      Tables.check_left_out (Tables.Left_out.get ()) (List.sort_uniq compare !left_out);
    write_program (Tables.Output.get ()) program;
    Tables.Self.result "%d of %d clauses run" (List.length !clauses) (List.length !clauses + List.length !left_out)
  end

let () = Db.Main.extend run
