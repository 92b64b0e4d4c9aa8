(* The plug-in, its options, and the tables it reads. *)

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

(* ---- upper bounds of quantified variables: definition, variable, what it stays below ---- *)

let bounds : (string * string, string) Hashtbl.t = Hashtbl.create 16
let bounds_used : (string * string, unit) Hashtbl.t = Hashtbl.create 16

let bound key =
  Hashtbl.replace bounds_used key ();
  Hashtbl.find_opt bounds key

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

(* ---- what is known not to run ---- *)

let check_left_out path found =
  let known = List.map snd (entries path) in
  let wrong =
    List.filter_map (fun line -> if List.mem line known then None else Some ("does not run: " ^ line)) found
    @ List.filter_map (fun line -> if List.mem line found then None else Some ("is listed in vain: " ^ line)) known
  in
  if wrong <> [] then Self.abort "%s and the contracts differ:@\n%s" path (String.concat "\n" wrong)
