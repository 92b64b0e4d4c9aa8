(* A plug-in of Frama-C's that writes a program with its contracts as run-time
   checks: the functions as the kernel has normalised them, ghost code made
   real, each behind a function of its name that evaluates the `requires`
   clauses before and the `ensures` clauses after. monitor.h is what the result
   builds on.

   Logic functions and predicates become C functions of the memory states their
   labels name; a state is a copy of the globals that contracts speak of.
   A quantifier is a loop over the values between which its body decides; they
   are read off the body, through the definitions it uses. Where they are not
   there, a table (bounds.txt) may state an upper one.

   What cannot be run is left out by name; the list of it (left_out.txt) is
   given, and a clause that is missing there, or there in vain, is an error. *)

open Cil_types

module Self = Plugin.Register (struct
  let name = "contracts"
  let shortname = "contracts"
  let help = "contracts as run-time checks"
end)

module Output = Self.Empty_string (struct
  let option_name = "-contracts-output"
  let arg_name = "file"
  let help = "write the program with its checks"
end)

module Left_out = Self.Empty_string (struct
  let option_name = "-contracts-left-out"
  let arg_name = "file"
  let help = "read what is known not to run"
end)

module Bounds = Self.Empty_string (struct
  let option_name = "-contracts-bounds"
  let arg_name = "file"
  let help = "read upper bounds of quantified variables"
end)

exception Cannot of string

let cannot format = Format.kasprintf (fun text -> raise (Cannot text)) format
let sprintf = Printf.sprintf
let concat_map separator f list = String.concat separator (List.map f list)

(* ---- the table of bounds: definition, variable, what it stays below ---- *)

let bounds : (string * string, string) Hashtbl.t = Hashtbl.create 16
let bounds_used : (string * string, unit) Hashtbl.t = Hashtbl.create 16

(* The lines of a table, without what follows a #, and their numbers. *)
let entries path =
  let channel = open_in path in
  let rec next number found =
    match input_line channel with
    | exception End_of_file -> close_in channel; List.rev found
    | line ->
      let entry = String.trim (List.hd (String.split_on_char '#' line)) in
      next (number + 1) (if entry = "" then found else (number, entry) :: found)
  in
  next 1 []

let read_bounds path =
  let read (number, entry) =
    match List.filter (( <> ) "") (String.split_on_char ' ' entry) with
    | [definition; variable; bound] -> Hashtbl.replace bounds (definition, variable) bound
    | _ -> Self.abort "%s:%d: expected a definition, its variable and a bound" path number
  in
  List.iter read (entries path)

let check_bounds () =
  Hashtbl.iter
    (fun (definition, variable) _ ->
      if not (Hashtbl.mem bounds_used (definition, variable)) then
        Self.abort "the bound of %s in %s is of no use" variable definition)
    bounds

(* ---- what a text of the logic uses, through the definitions it names ---- *)

module Kernel_globals = Globals
module Globals = Cil_datatype.Varinfo.Set

let is_const vi = Cil.typeHasAttributeMemoryBlock "const" vi.vtype

class uses = object (self)
  inherit Visitor.frama_c_inplace
  val mutable globals = Globals.empty
  val seen : (int, unit) Hashtbl.t = Hashtbl.create 16
  method globals = globals
  method calls (li : logic_info) = Hashtbl.mem seen li.l_var_info.lv_id

  method! vlogic_var_use lv =
    (match lv.lv_origin with
     | Some vi when vi.vglob && not (is_const vi) -> globals <- Globals.add vi globals
     | _ -> ());
    Cil.SkipChildren

  method! vlogic_info_use li =
    if not (self#calls li) then begin
      Hashtbl.add seen li.l_var_info.lv_id ();
      self#body li
    end;
    Cil.SkipChildren

  method body li =
    let visitor = (self :> Visitor.frama_c_visitor) in
    match li.l_body with
    | LBterm t -> ignore (Visitor.visitFramacTerm visitor t)
    | LBpred p -> ignore (Visitor.visitFramacPredicate visitor p)
    | _ -> ()
end

let recursive li =
  let uses = new uses in
  uses#body li;
  uses#calls li

(* Does the definition use itself below a quantifier? Then the values of all its steps are remembered; else those it is asked for. *)
let branches li =
  let below = ref false in
  let visitor = object (self)
    inherit Visitor.frama_c_inplace
    val mutable depth = 0
    method! vpredicate_node = function
      | Pforall _ | Pexists _ ->
        depth <- depth + 1;
        Cil.DoChildrenPost (fun node -> depth <- depth - 1; node)
      | Papp (used, _, _) when depth > 0 && Cil_datatype.Logic_info.equal used li -> below := true; Cil.DoChildren
      | _ -> ignore self; Cil.DoChildren
  end in
  (match li.l_body with LBpred p -> ignore (Visitor.visitFramacPredicate visitor p) | _ -> ());
  !below

(* ---- names ---- *)

(* What the names of the logic are in C. *)
type env = {
  where : string; (* the definition or function, for messages and the table of bounds *)
  vars : (int * string) list; (* by the variable's number *)
  labels : (logic_label * string) list;
  here : string option; (* the state that is read where no label is named *)
}

(* What bounds are looked for: those of the variable called `name`, in terms that do not speak of hidden ones; of some of
   these the ends are known. The definitions `inside` are not entered again. *)
type sought = {
  all : bool;
  name : string;
  hidden : string list;
  known : (string * (string option * string option)) list;
  inside : logic_info list;
}

let fresh =
  let n = ref 0 in
  fun base -> incr n; sprintf "%s_%d" base !n

let state_at env label =
  match List.find_opt (fun (l, _) -> Cil_datatype.Logic_label.equal l label) env.labels with
  | Some (_, state) -> state
  | None -> cannot "label %a" Printer.pp_logic_label label

let at env label = { env with here = Some (state_at env label) }

let bind env variables = { env with vars = variables @ env.vars }

(* ---- terms: C expressions of type `integer`, but for structures ---- *)

let binary = function
  | PlusA -> "+" | MinusA -> "-" | Mult -> "*" | BAnd -> "&" | BOr -> "|" | BXor -> "^" | Shiftlt -> "<<" | Shiftrt -> ">>"
  | Lt -> "<" | Gt -> ">" | Le -> "<=" | Ge -> ">=" | Eq -> "==" | Ne -> "!=" | LAnd -> "&&" | LOr -> "||"
  | op -> cannot "operator %a" Printer.pp_binop op

(* name -> C name of each definition that can be run, or why it cannot *)
let definitions : (int, (string, string) result) Hashtbl.t = Hashtbl.create 64
let prototypes = Buffer.create 4096
let functions = Buffer.create 65536

let rec term env t =
  match t.term_node with
  | TConst (Integer (value, _)) -> constant value
  | TConst (LEnum item) -> sprintf "(integer)%s" item.einame
  | TLval (TVar lv, TNoOffset) when List.mem_assoc lv.lv_id env.vars -> List.assoc lv.lv_id env.vars
  | TLval place -> sprintf "(integer)%s" (lval env place)
  | TUnOp (Neg, a) -> sprintf "(-%s)" (term env a)
  | TUnOp (LNot, a) -> sprintf "(integer)!%s" (term env a)
  | TBinOp (Div, a, b) -> sprintf "integer_quotient(%s, %s)" (term env a) (term env b)
  | TBinOp (Mod, a, b) -> sprintf "integer_remainder(%s, %s)" (term env a) (term env b)
  | TBinOp (op, a, b) -> sprintf "(%s %s %s)" (term env a) (binary op) (term env b)
  | TCastE (typ, a) when Cil.isIntegralType typ -> Format.asprintf "(integer)(%a)%s" Printer.pp_typ (Cil.typeDeepDropAllAttributes typ) (term env a)
  | TLogic_coerce (_, a) -> term env a
  | Tif (c, a, b) -> sprintf "(%s ? %s : %s)" (term env c) (term env a) (term env b)
  | Tat (a, label) -> term (at env label) a
  | Tapp ({ l_var_info = { lv_name = "\\max" }; _ }, _, [a; b]) -> sprintf "maximum(%s, %s)" (term env a) (term env b)
  | Tapp (li, labels, arguments) -> application env li labels arguments
  | _ -> cannot "term %a" Printer.pp_term t

and constant value =
  if Integer.lt value (Integer.two_power_of_int 63) then sprintf "(integer)%s" (Integer.to_string value)
  else sprintf "(integer)%sU" (Integer.to_string value)

and lval env (host, offset) =
  let base =
    match host with
    | TResult _ -> "result"
    | TMem _ -> cannot "a pointer"
    | TVar { lv_origin = Some vi; _ } when vi.vglob && not (is_const vi) ->
      (match env.here with
       | Some state -> sprintf "%s->%s" state vi.vname
       | None -> cannot "%s is read at no label" vi.vname)
    | TVar { lv_origin = Some vi; _ } -> vi.vname
    | TVar lv -> cannot "variable %s" lv.lv_name
  in
  let rec place base = function
    | TNoOffset -> base
    | TField (field, rest) -> place (sprintf "%s.%s" base field.fname) rest
    | TIndex (index, rest) -> place (sprintf "ELEMENT(%s, %s)" base (term env index)) rest
    | TModel _ -> cannot "a model field"
  in
  place base offset

and application env li labels arguments =
  let states = List.map (state_at env) labels in
  let name = definition li in
  let name = if env.where = li.l_var_info.lv_name && not (branches li) then "step_" ^ name else name in
  sprintf "%s(%s)" name (String.concat ", " (states @ List.map (term env) arguments))

(* ---- predicates: C expressions of type `bool` ---- *)

and predicate env p =
  match p.pred_content with
  | Ptrue -> "true"
  | Pfalse -> "false"
  | Papp (li, labels, arguments) -> application env li labels arguments
  | Prel (relation, a, b) -> rel env relation a b
  | Pand (a, b) -> sprintf "(%s && %s)" (predicate env a) (predicate env b)
  | Por (a, b) -> sprintf "(%s || %s)" (predicate env a) (predicate env b)
  | Pxor (a, b) -> sprintf "(%s != %s)" (predicate env a) (predicate env b)
  | Pimplies (a, b) -> sprintf "(!%s || %s)" (predicate env a) (predicate env b)
  | Piff (a, b) -> sprintf "(%s == %s)" (predicate env a) (predicate env b)
  | Pnot a -> sprintf "!%s" (predicate env a)
  | Pif (c, a, b) -> sprintf "(%s ? %s : %s)" (term env c) (predicate env a) (predicate env b)
  | Pat (a, label) -> predicate (at env label) a
  | Pforall (variables, body) -> quantifier env true variables body
  | Pexists (variables, body) -> quantifier env false variables body
  | _ -> cannot "predicate %a" Printer.pp_predicate p

and rel env relation a b =
  let symbol = match relation with Rlt -> "<" | Rgt -> ">" | Rle -> "<=" | Rge -> ">=" | Req -> "==" | Rneq -> "!=" in
  match Logic_utils.unroll_type a.term_type with
  | Ctype typ when Cil.isStructOrUnionType typ ->
    let same = same_structure env typ a b in
    if relation = Req then same else sprintf "!%s" same
  | _ -> sprintf "(%s %s %s)" (term env a) symbol (term env b)

(* Field by field: padding has no value. *)
and same_structure env typ a b =
  let rec place env t =
    match t.term_node with
    | TLval l -> lval env l
    | Tat (t, label) -> place (at env label) t
    | TLogic_coerce (_, t) -> place env t
    | _ -> cannot "structure %a" Printer.pp_term t
  in
  let a = place env a and b = place env b in
  match Cil.unrollType typ with
  | TComp (structure, _) ->
    let equal field =
      if not (Cil.isIntegralType field.ftype) then cannot "comparison of field %s" field.fname;
      sprintf "%s.%s == %s.%s" a field.fname b field.fname
    in
    sprintf "(%s)" (concat_map " && " equal (Option.get structure.cfields))
  | _ -> cannot "comparison"

(* ---- quantifiers: loops ---- *)

(* As it stands; if some variable has no bound, with the definitions that its hypotheses name put in their place. *)
and quantifier env all variables body =
  let named = List.map (fun lv -> lv, fresh lv.lv_name) variables in
  let env = bind env (List.map (fun (lv, name) -> lv.lv_id, name) named) in
  let hypotheses, conclusion = if all then implication env body else [env, body], None in
  let loop (more, hypotheses) = search env.where all (more @ named) (List.concat_map conjuncts hypotheses) conclusion in
  try loop ([], hypotheses)
  with Cannot _ -> sprintf "(%s)" (concat_map (if all then " && " else " || ") loop (alternatives hypotheses))

and implication env p =
  match p.pred_content with
  | Pimplies (a, b) ->
    let hypotheses, conclusion = implication env b in
    (env, a) :: hypotheses, conclusion
  | _ -> [], Some (env, p)

and conjuncts (env, p) =
  match p.pred_content with
  | Pand (a, b) -> conjuncts (env, a) @ conjuncts (env, b)
  | Pat (a, label) -> conjuncts (at env label, a)
  | _ -> [env, p]

(* A conjunction as a disjunction: each case has variables of its own and a conjunction. *)
and alternatives = function
  | [] -> [[], []]
  | (env, p) :: rest ->
    let cases =
      match p.pred_content with
      | Pand (a, b) -> alternatives [env, a; env, b]
      | Por (a, b) -> alternatives [env, a] @ alternatives [env, b]
      | Pat (a, label) -> alternatives [at env label, a]
      | Pexists (variables, a) ->
        let named = List.map (fun lv -> lv, fresh lv.lv_name) variables in
        let env = bind env (List.map (fun (lv, name) -> lv.lv_id, name) named) in
        List.map (fun (more, case) -> named @ more, case) (alternatives [env, a])
      | Papp (({ l_body = LBpred body; _ } as li), labels, arguments) when not (recursive li) ->
        alternatives [inner env li labels (List.map (term env) arguments), body]
      | _ -> [[], [env, p]]
    in
    let others = alternatives rest in
    List.concat_map (fun (v, case) -> List.map (fun (v', case') -> v @ v', case @ case') others) cases

(* Loops over the variables, each as soon as it has bounds; hypotheses are asked as soon as their variables have values. *)
and search where all named hypotheses conclusion =
  let value = fresh "holds" in
  let asked = List.map (fun (env, p) -> predicate env p) hypotheses in
  let rec loops waiting asked =
    let hidden = List.map snd waiting in
    let later, ready = List.partition (mentions hidden) asked in
    let guard = if ready = [] then "" else sprintf "if (%s) " (String.concat " && " ready) in
    if waiting = [] then
      sprintf "%s%s = %s;" guard value (match conclusion with Some (env, p) -> predicate env p | None -> "true")
    else begin
      let all_ends known = List.map (fun (lv, name) -> name, ends where known lv name hidden hypotheses conclusion) waiting in
      let known = all_ends (all_ends []) in
      let bounded (_, name) = match List.assoc name known with Some _, Some _ -> true | _ -> false in
      let one_value (_, name) = match List.assoc name known with Some low, Some high -> high = low ^ " + 1" | _ -> false in
      match List.find_opt one_value waiting, List.find_opt bounded waiting with
      | None, None -> cannot "%s in %s has no bound" (concat_map ", " (fun (lv, _) -> lv.lv_name) waiting) where
      | Some (_, name), _ | None, Some (_, name) ->
        let low, high = List.assoc name known in
        let last = fresh "end" in
        sprintf "%sfor (integer %s = %s, %s = %s; %s%s && %s < %s; %s++) { %s }" guard name (Option.get low) last
          (Option.get high) (if all then "" else "!") value name last name
          (loops (List.filter (fun (_, other) -> other <> name) waiting) later)
    end
  in
  sprintf "__extension__({ bool %s = %b; %s %s; })" value all (loops named asked) value

and mentions names text = List.exists (fun word -> List.mem word names) (Str.split (Str.regexp "[^A-Za-z0-9_]+") text)

(* From where to below where a variable must be tried, as far as it can be told. *)
and ends where known lv name hidden hypotheses conclusion =
  let told all (env, p) = decides { all; name; hidden; known; inside = [] } env p in
  let from_conclusion = match conclusion with Some c -> told true c | None -> None, None in
  let low, high = List.fold_left (fun ends h -> meet ends (told false h)) from_conclusion hypotheses in
  match high, Hashtbl.find_opt bounds (where, lv.lv_name) with
  | None, Some bound -> Hashtbl.replace bounds_used (where, lv.lv_name) (); low, Some (sprintf "(integer)%s" bound)
  | high, _ -> low, high

(* Either pair of ends will do: the narrower. *)
and meet (low, high) (low', high') =
  let best narrower a b =
    match a, b with
    | Some a, Some b when a <> b -> Some (sprintf "%s(%s, %s)" narrower a b)
    | Some a, _ | None, Some a -> Some a
    | None, None -> None
  in
  best "maximum" low low', best "minimum" high high'

(* Both are needed. *)
and hull (low, high) (low', high') =
  let widest wider a b =
    match a, b with
    | Some a, Some b when a <> b -> Some (sprintf "%s(%s, %s)" wider a b)
    | Some a, Some _ -> Some a
    | _ -> None
  in
  widest "minimum" low low', widest "maximum" high high'

(* Outside of which ends the predicate is `sought.all`, whatever else holds. *)
and decides sought env p =
  let again = decides sought env in
  let opposite = decides { sought with all = not sought.all } env in
  match p.pred_content with
  | Pand (a, b) -> (if sought.all then hull else meet) (again a) (again b)
  | Por (a, b) -> (if sought.all then meet else hull) (again a) (again b)
  | Pimplies (a, b) -> (if sought.all then meet else hull) (opposite a) (again b)
  | Piff (a, b) when sought.all -> hull (opposite a) (opposite b)
  | Pnot a -> opposite a
  | Pif (_, a, b) -> hull (again a) (again b)
  | Pat (a, label) -> decides sought (at env label) a
  | Pforall (variables, a) | Pexists (variables, a) ->
    let named = List.map (fun lv -> lv.lv_id, fresh lv.lv_name) variables in
    decides { sought with hidden = List.map snd named @ sought.hidden } (bind env named) a
  | Papp (({ l_body = LBpred body; _ } as li), labels, arguments) when not (List.memq li sought.inside) ->
    (match inner env li labels (List.map (term env) arguments) with
     | env -> decides { sought with inside = li :: sought.inside } env body
     | exception Cannot _ -> None, None)
  | Prel (relation, a, b) -> compared sought env relation a b
  | _ -> None, None

and compared sought env relation a b =
  let relation =
    if not sought.all then relation
    else match relation with Rlt -> Rge | Rge -> Rlt | Rgt -> Rle | Rle -> Rgt | Req -> Rneq | Rneq -> Req in
  let text t = match term env t with text -> Some text | exception Cannot _ -> None in
  let is_it t = text t = Some sought.name in
  (* A hidden variable is no bound, but its own bound may be. *)
  let bound add known t =
    let text = text t in
    let visible = Option.fold ~none:false ~some:(fun text -> not (mentions sought.hidden text)) text in
    let end_ = if visible then text else Option.bind text (fun name -> Option.bind (List.assoc_opt name sought.known) known) in
    if add then Option.map (sprintf "%s + 1") end_ else end_
  in
  let below add t = None, bound add snd t and above add t = bound add fst t, None in
  match relation with
  | Rlt when is_it a -> below false b
  | Rlt when is_it b -> above true a
  | Rle when is_it a -> below true b
  | Rle when is_it b -> above false a
  | Rgt when is_it a -> above true b
  | Rgt when is_it b -> below false a
  | Rge when is_it a -> above false b
  | Rge when is_it b -> below true a
  | Req when is_it a -> fst (above false b), snd (below true b)
  | Req when is_it b -> fst (above false a), snd (below true a)
  | _ -> None, None

(* Inside a definition: its parameters, its labels. *)
and inner env li labels arguments =
  let states = List.combine li.l_labels (List.map (state_at env) labels) in
  { where = li.l_var_info.lv_name;
    vars = List.map2 (fun lv argument -> lv.lv_id, argument) li.l_profile arguments;
    labels = states;
    here = (match states with [_, state] -> Some state | _ -> None) }

(* ---- definitions: C functions ---- *)

and definition li =
  match Hashtbl.find_opt definitions li.l_var_info.lv_id with
  | Some (Ok name) -> name
  | Some (Error why) -> raise (Cannot why)
  | None ->
    let name = sprintf "logic_%s_%d" li.l_var_info.lv_name li.l_var_info.lv_id in (* definitions may share a name *)
    Hashtbl.replace definitions li.l_var_info.lv_id (Ok name);
    (try define li name
     with Cannot why -> Hashtbl.replace definitions li.l_var_info.lv_id (Error why); raise (Cannot why));
    name

and define li name =
  let label = function FormalLabel label -> label | label -> cannot "label %a" Printer.pp_logic_label label in
  let states = List.map label li.l_labels in
  let parameters = List.map (fun lv -> fresh lv.lv_name) li.l_profile in
  let identity = { where = ""; vars = []; here = None; labels = List.map (fun l -> l, label l) li.l_labels } in
  let env = inner identity li li.l_labels parameters in
  let typ, value =
    match li.l_body with
    | LBterm t -> "integer", term env t
    | LBpred p -> "bool", predicate env p
    | _ -> cannot "%s has no definition to run" li.l_var_info.lv_name
  in
  let formals = List.map (( ^ ) "const struct state *") states @ List.map (( ^ ) "integer ") parameters in
  let head name = sprintf "LOGIC %s %s(%s)" typ name (if formals = [] then "void" else String.concat ", " formals) in
  let write name value =
    Printf.bprintf prototypes "%s;\n" (head name);
    Printf.bprintf functions "%s {\n%s}\n\n" (head name) value
  in
  if not (recursive li) then write name (sprintf "  return %s;\n" value)
  else begin
    let keys = concat_map ", " (( ^ ) "(uintptr_t)") (states @ parameters) in
    let value =
      if branches li then value
      else begin
        write ("step_" ^ name) (sprintf "  return %s;\n" value);
        sprintf "step_%s(%s)" name (String.concat ", " (states @ parameters))
      end
    in
    write name
      (sprintf "  const uintptr_t key[MEMO_KEYS] = {%s};\n  integer value;\n  return (%s)(remembered(%d, key, &value) ? value : remember(%d, key, %s));\n"
         keys typ li.l_var_info.lv_id li.l_var_info.lv_id value)
  end

(* ---- contracts: a wrapper around each function ---- *)

type clause = { place : Filepath.position; owner : string; kind : string; label : string; text : string }

let clauses : clause list ref = ref [] (* those that run, the last first *)
let left_out : string list ref = ref []

let on_one_line format value =
  let text = Format.asprintf "%a" format value in
  String.concat " " (List.filter (( <> ) "") (String.split_on_char ' ' (String.map (function '\n' -> ' ' | c -> c) text)))

(* `CHECK(...)` of a clause, or nothing where it is left out. *)
let check owner kind env (clause : identified_predicate) =
  let p = clause.ip_content.tp_statement in
  let label = match p.pred_name with name :: _ -> name | [] -> "" in
  match predicate env p with
  | value ->
    let text = on_one_line Printer.pp_predicate { p with pred_name = [] } in
    clauses := { place = fst p.pred_loc; owner; kind; label; text } :: !clauses;
    sprintf "  CHECK(%d, %s);\n" (List.length !clauses - 1) value
  | exception Cannot why -> left_out := sprintf "%s %s %s: %s" owner kind label why :: !left_out; ""

let default_behavior kf =
  let named, default = List.partition (fun b -> b.b_name <> Cil.default_behavior_name) (Annotations.behaviors kf) in
  List.iter (fun b -> left_out := sprintf "%s behavior %s: not translated" (Kernel_function.get_name kf) b.b_name :: !left_out) named;
  match default with [b] -> Some b | _ -> None

let declared name vi =
  Format.asprintf "%a" Printer.pp_vdecl { vi with vname = name; vstorage = NoStorage; vinline = false; vattr = [] }

(* The function as others call it: `outer` evaluates the clauses and calls `inner`. *)
let wrapper kf vi formals ~outer ~inner ~linkage =
  let owner = Kernel_function.get_name kf in
  let env here labels = { where = owner; vars = []; labels; here = Some here } in
  let builtin l = BuiltinLabel l in
  let before = env "before" [builtin Here, "before"; builtin Old, "before"; builtin Pre, "before"] in
  let after = env "after" [builtin Here, "after"; builtin Post, "after"; builtin Old, "before"; builtin Pre, "before"] in
  match default_behavior kf with
  | None -> None
  | Some b ->
    let ensures = List.filter_map (function Normal, clause -> Some clause | _ -> None) b.b_post_cond in
    let uses = new uses in
    List.iter (fun clause -> ignore (Visitor.visitFramacIdPredicate (uses :> Visitor.frama_c_visitor) clause)) (b.b_requires @ ensures);
    let requires = concat_map "" (check owner "requires" before) b.b_requires in
    let ensures = concat_map "" (check owner "ensures" after) ensures in
    if requires = "" && ensures = "" then None
    else begin
      let copies state =
        concat_map "" (fun vi -> sprintf "  COPY(%s, %s);\n" state vi.vname) (Globals.elements uses#globals) in
      let call = sprintf "%s(%s)" inner (concat_map ", " (fun vi -> vi.vname) formals) in
      let result, return =
        if Cil.isVoidType (Cil.getReturnType vi.vtype) then call, ""
        else Format.asprintf "%a result = %s" Printer.pp_typ (Cil.getReturnType vi.vtype) call, "  return result;\n" in
      Some (uses#globals, sprintf
        "UNSEEN %s%s {\n  struct state *before = enter();\n%s  evaluate();\n%s  %s;\n  struct state *after = &now;\n  (void)after;\n%s  evaluate();\n%s  leave();\n%s}\n\n"
        linkage (declared outer vi) (copies "before") requires result (copies "after") ensures return)
    end

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

let quoted text = sprintf "\"%s\"" (String.escaped text)

let write_program path =
  let file = Ast.get () in
  Visitor.visitFramacFileSameGlobals (new ghost_made_real) file;
  let ours = List.filter (fun g -> not (of_the_library (Cil_datatype.Global.loc g))) file.globals in
  let wrappers = Buffer.create 65536 and globals = ref Globals.empty in
  let heads = Buffer.create 4096 in
  let add = function
    | None -> false
    | Some (used, text) -> globals := Globals.union used !globals; Buffer.add_string wrappers text; true
  in
  let linkage vi = if vi.vstorage = Static || vi.vinline then "static " else "" in
  let prepare = function
    | GFun (f, _) ->
      let vi = f.svar in
      let name = vi.vname and linkage = linkage vi in
      Printf.bprintf heads "%s%s;\n" linkage (declared name vi);
      if add (wrapper (Kernel_globals.Functions.get vi) vi f.sformals ~outer:name ~inner:("body_" ^ name) ~linkage) then begin
        Printf.bprintf heads "static %s;\n" (declared ("body_" ^ name) vi);
        Some (f, name)
      end
      else Some (f, "")
    | GFunDecl (_, vi, _) when not (Kernel_function.is_definition (Kernel_globals.Functions.get vi)) ->
      let name = vi.vname in
      let kf = Kernel_globals.Functions.get vi in
      Printf.bprintf heads "%s;\n" (declared name vi);
      if add (wrapper kf vi (Kernel_function.get_formals kf) ~outer:("checked_" ^ name) ~inner:name ~linkage:"static ") then begin
        Printf.bprintf heads "static %s;\n" (declared ("checked_" ^ name) vi);
        vi.vname <- "checked_" ^ name
      end;
      None
    | _ -> None
  in
  let bodies = List.filter_map prepare ours in
  let channel = open_out path in
  let out = Format.formatter_of_out_channel channel in
  let line format = Format.fprintf out (format ^^ "@.") in
  line "/* Written by contracts.ml. */";
  line "#include <stdbool.h>";
  line "#include <stdint.h>";
  List.iter (function (GType _ | GCompTag _ | GCompTagDecl _ | GEnumTag _ | GEnumTagDecl _ | GVar _ | GVarDecl _) as g -> print_global out g | _ -> ()) ours;
  line "struct state {";
  List.iter (fun vi -> line "  %a;" Printer.pp_vdecl { vi with vstorage = NoStorage; vattr = [] }) (Globals.elements !globals);
  line "};";
  line "enum { CLAUSES = %d };" (List.length !clauses);
  line "#include \"monitor.h\"";
  line "static const struct clause clauses[CLAUSES] = {";
  List.iter
    (fun c ->
      line "  {%s, %d, %s, %s, %s, %s}," (quoted (Filepath.Normalized.to_pretty_string c.place.Filepath.pos_path))
        c.place.Filepath.pos_lnum (quoted c.owner) (quoted c.kind) (quoted c.label) (quoted c.text))
    (List.rev !clauses);
  line "};";
  List.iter (fun buffer -> line "%s" (Buffer.contents buffer)) [heads; prototypes; functions];
  List.iter
    (fun (f, name) ->
      if name <> "" then (f.svar.vname <- "body_" ^ name; f.svar.vstorage <- Static);
      f.svar.vinline <- false;
      print_global out (GFun (f, Cil_datatype.Location.unknown));
      if name <> "" then f.svar.vname <- name)
    bodies;
  line "%s" (Buffer.contents wrappers);
  close_out channel

let check_left_out path =
  let known = List.map snd (entries path) and found = List.sort_uniq compare !left_out in
  let wrong =
    List.filter_map (fun line -> if List.mem line known then None else Some ("does not run: " ^ line)) found
    @ List.filter_map (fun line -> if List.mem line found then None else Some ("is listed in vain: " ^ line)) known
  in
  if wrong <> [] then Self.abort "%s and the contracts differ:@\n%s" path (String.concat "\n" wrong)

let run () =
  if Output.get () <> "" then begin
    Kernel.Unicode.set false;
    if Bounds.get () <> "" then read_bounds (Bounds.get ());
    write_program (Output.get ());
    check_bounds ();
    check_left_out (Left_out.get ());
    Self.result "%d of %d clauses run" (List.length !clauses) (List.length !clauses + List.length !left_out)
  end

let () = Db.Main.extend run
