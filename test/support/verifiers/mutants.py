"""Takes one check at a time out of verify.py, and runs the corpus's cases over what is left.

    python3 mutants.py VERIFY.PY CASES

CASES is a JSON array of arrays of arguments. Prints a JSON line for each check that can be taken out: where it is, its
text, and whether some case came out otherwise without it. A check is a `need`, a `raise`, an early `return`, or a
single operand of `and` and `or`. Only those cases are run again in which the check decided something: in all others it
cannot be missed.
"""
import ast
import io
import json
import signal
import sys

# They print, or test the program itself.
NOT_CHECKS = {
    "self_test",
    "changes_of",
    "spots_of",
    "run_cases",
    "printable",
    "print_lines",
    "show",
    "time_of_day",
    "check_arithmetic",
    "missing_evidence",
    "counted",
}
CASE_SECONDS = 30
CASES_AT_MOST = 20


class Finder(ast.NodeTransformer):
    """Numbers the checks. Without a number to take out, each check tells `decided_site` when it decides something; else
    that one check is left out."""

    def __init__(self, source, taken=None):
        self.source, self.taken, self.sites = source, taken, []

    def number(self, node, what):
        # Texts are looked up once: it takes longer than all else.
        text = ast.get_source_segment(self.source, node) if self.taken is None else None
        self.sites.append((node.lineno, what, text))
        return len(self.sites) - 1

    def told(self, number, node):
        """The expression, which first tells that it was reached."""
        arguments = [ast.Constant(number), node]
        return ast.copy_location(ast.Call(ast.Name("reached_site", ast.Load()), arguments, []), node)

    def visit_FunctionDef(self, node):
        return node if node.name in NOT_CHECKS else self.generic_visit(node)

    def visit_Expr(self, node):
        call = node.value
        is_need = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "need"
        if not is_need:
            return self.generic_visit(node)
        number = self.number(node, "need")
        if self.taken == number:
            return ast.copy_location(ast.Pass(), node)
        self.generic_visit(node)
        if self.taken is None:
            call.args[0] = self.decides(number, call.args[0], False)
        return node

    def visit_Raise(self, node):
        if node.exc is None:
            return node
        number = self.number(node, "raise")
        if self.taken == number:
            return ast.copy_location(ast.Pass(), node)
        self.generic_visit(node)
        if self.taken is None:
            node.exc = self.told(number, node.exc)
        return node

    def visit_If(self, node):
        returns = len(node.body) == 1 and isinstance(node.body[0], ast.Return) and not node.orelse
        if not returns:
            return self.generic_visit(node)
        number = self.number(node.test, "return")
        if self.taken == number:
            return ast.copy_location(ast.Pass(), node)
        self.generic_visit(node)
        if self.taken is None:
            node.test = self.decides(number, node.test, True)
        return node

    def visit_BoolOp(self, node):
        decisive = isinstance(node.op, ast.Or)
        kept = []
        for operand in node.values:
            number = self.number(operand, "operand")
            if self.taken == number:
                continue
            operand = self.visit(operand)
            kept.append(self.decides(number, operand, decisive) if self.taken is None else operand)
        node.values = kept
        return kept[0] if len(kept) == 1 else node

    def decides(self, number, node, decisive):
        arguments = [ast.Constant(number), node, ast.Constant(decisive)]
        return ast.copy_location(ast.Call(ast.Name("decided_site", ast.Load()), arguments, []), node)


def load(source, path, taken, given):
    finder = Finder(source, taken)
    tree = ast.fix_missing_locations(finder.visit(ast.parse(source)))
    module = {"__name__": "verify", "__doc__": ast.get_docstring(tree), **given}
    exec(compile(tree, path, "exec"), module)
    return module, finder.sites


def run(module, arguments):
    """What came out: the exit code and the verdicts. A program that fails in another way says so."""
    output, errors = io.StringIO(), io.StringIO()
    sys.stdout, sys.stderr = output, errors
    signal.alarm(CASE_SECONDS)
    try:
        code = module["main"](arguments + ["--json"])
    except Exception as error:
        return "it broke: %r" % error
    finally:
        signal.alarm(0)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    lines = [json.loads(line) for line in output.getvalue().splitlines() if line.startswith("{")]
    return [code] + [(line.get("file"), line["axis"], line["verdict"]) for line in lines]


def on_alarm(_signal, _frame):
    raise TimeoutError


def main(verifier, cases):
    signal.signal(signal.SIGALRM, on_alarm)
    with open(verifier, encoding="utf-8") as file:
        source = file.read()
    with open(cases, encoding="utf-8") as file:
        arguments = json.load(file)
    decided = set()

    def reached(number, value):
        decided.add(number)
        return value

    def tell(number, value, decisive):
        if bool(value) == decisive:
            decided.add(number)
        return value

    given = {"reached_site": reached, "decided_site": tell}
    whole, sites = load(source, verifier, None, given)
    outcomes, cases_of = [], {}
    for index, case in enumerate(arguments):
        decided.clear()
        outcomes.append(run(whole, case))
        for number in decided:
            cases_of.setdefault(number, []).append(index)
    for number, (line, what, text) in enumerate(sites):
        module, _ = load(source, verifier, number, given)
        # Signatures are the same for all, unless the mutant is in their verification.
        names = ("ed25519_verifies", "combine_points", "add_points", "decode_point", "encode_point")
        if module["__doc__"] and not any(within(source, line, name) for name in names):
            module["ed25519_verifies"] = whole["ed25519_verifies"]
        candidates = spread(cases_of.get(number, []))
        killer = next((index for index in candidates if run(module, arguments[index]) != outcomes[index]), None)
        row = {"line": line, "what": what, "text": text, "decided": len(candidates), "caught": killer}
        print(json.dumps(row), flush=True)


def spread(indexes):
    """At most so many cases, from all parts of the corpus: of a check that decides in hundreds, some show the rest."""
    return indexes[:: max(1, len(indexes) // CASES_AT_MOST)]


def within(source, line, name):
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node.lineno <= line <= node.end_lineno
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
