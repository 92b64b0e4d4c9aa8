(* ACSL as C expressions. Logic functions and predicates become C functions of
   the memory states that their labels name; a state is a copy of the globals
   that contracts speak of. Integers are wide enough for every number there is
   (monitor.h). A quantifier is a loop over the values between which its body
   decides; they are read off the body, through the definitions it uses. Where
   they are not there, a table may state an upper one. What has no such form
   raises Cannot. *)

open Cil_types

exception Cannot of string

let cannot format = Format.kasprintf (fun text -> raise (Cannot text)) format
let sprintf = Printf.sprintf
let concat_map separator f list = String.concat separator (List.map f list)

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

(* Does the definition use itself below a quantifier? Then the values of all its steps are remembered, else only those that
   others ask for. *)
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
  defined : logic_info option; (* the definition, if it is one *)
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
  | TCastE (typ, a) when Cil.isIntegralType typ ->
    Format.asprintf "(integer)(%a)%s" Printer.pp_typ (Cil.typeDeepDropAllAttributes typ) (term env a)
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
  let own = Option.fold ~none:false ~some:(Cil_datatype.Logic_info.equal li) env.defined in
  let name = if own && not (branches li) then "step_" ^ name else name in
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
  match high with
  | Some _ -> low, high
  | None -> low, Option.map (sprintf "(integer)%s") (Tables.bound (where, lv.lv_name))

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
    defined = Some li;
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
  let identity = { where = ""; defined = None; vars = []; here = None; labels = List.map (fun l -> l, label l) li.l_labels } in
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
    let number = li.l_var_info.lv_id in
    let keys = concat_map ", " (( ^ ) "(uintptr_t)") (states @ parameters) in
    let value =
      if branches li then value
      else begin
        write ("step_" ^ name) (sprintf "  return %s;\n" value);
        sprintf "step_%s(%s)" name (String.concat ", " (states @ parameters))
      end
    in
    write name
      (sprintf "  const uintptr_t key[MEMO_KEYS] = {%s};\n  integer value;\n" keys
       ^ sprintf "  return (%s)(remembered(%d, key, &value) ? value : remember(%d, key, %s));\n" typ number number value)
  end

