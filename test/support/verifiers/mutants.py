"""Takes one check at a time out of verify.py, and runs the corpus's cases over what is left.

    python3 mutants.py VERIFY.PY CASES

CASES is a JSON array of arrays of arguments. Prints a JSON line for each check that can be taken out: where it is, its
text, and whether some case came out otherwise without it. A check is a `need`, a `raise`, an early `return`, or a
single operand of `and` and `or`. Only those cases are run again in which the check decided something: in all others it
cannot be missed.
"""
import ast
import contextlib
import copy
import functools
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
# They run while the program is loaded, or their results are kept.
LOADED_ANEW = {"is_id", "ed25519_verifies", "combine_points", "add_points", "decode_point", "encode_point"}
# Of processor time.
CASE_SECONDS = 10
CASES_FIRST = 20


class Finder(ast.NodeTransformer):
    """Numbers the checks. Without a number to take out, each check tells `decided_site` when it decides something; else
    that one check is left out."""

    def __init__(self, first=0, taken=None):
        self.next, self.taken, self.sites = first, taken, []

    def number(self, node, what):
        self.sites.append((node.lineno, what, ast.unparse(node)))
        self.next += 1
        return self.next - 1

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
        last = node.values[-1]
        kept = []
        for operand in node.values:
            is_last = operand is last
            number = self.number(operand, "operand")
            if self.taken == number:
                continue
            operand = self.visit(operand)
            if self.taken is None:
                # The last is the value of the whole wherever it is reached.
                operand = self.told(number, operand) if is_last else self.decides(number, operand, decisive)
            kept.append(operand)
        node.values = kept
        return kept[0] if len(kept) == 1 else node

    def decides(self, number, node, decisive):
        arguments = [ast.Constant(number), node, ast.Constant(decisive)]
        return ast.copy_location(ast.Call(ast.Name("decided_site", ast.Load()), arguments, []), node)


class Program:
    """The program, whole, and what it is without one of its checks."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.tree = ast.parse(file.read())
        self.path, self.sites, self.parts = path, [], []
        for part in self.tree.body:
            finder = Finder(first=len(self.sites))
            finder.visit(copy.deepcopy(part))
            self.parts += [(part, len(self.sites))] * len(finder.sites)
            self.sites += finder.sites
        self.whole = self.load(self.tree.body)
        # Signatures are the same in all copies but those of their own code.
        self.verifies = functools.lru_cache(maxsize=None)(self.whole["ed25519_verifies"].__wrapped__)
        self.whole["ed25519_verifies"] = self.verifies

    def load(self, body, **given):
        module = {"__name__": "verify", "__doc__": ast.get_docstring(self.tree), **given}
        return self.run(body, module)

    def run(self, body, module):
        tree = ast.fix_missing_locations(ast.Module(body, []))
        exec(compile(tree, self.path, "exec"), module)
        return module

    def telling(self, **given):
        """The program whose checks tell when they decide something."""
        return self.load(Finder().visit(copy.deepcopy(self.tree)).body, **given)

    @contextlib.contextmanager
    def without(self, number):
        """The program without a check. Where that can be, only the code of the function around it is exchanged."""
        part, first = self.parts[number]
        changed = Finder(first, number).visit(copy.deepcopy(part))
        if isinstance(part, ast.FunctionDef) and part.name not in LOADED_ANEW:
            scratch = self.run([changed], dict(self.whole))
            pairs = [(self.whole[part.name], scratch[part.name])]
        elif isinstance(part, ast.ClassDef):
            scratch = self.run([changed], dict(self.whole))
            names = [node.name for node in part.body if isinstance(node, ast.FunctionDef)]
            pairs = [(getattr(self.whole[part.name], name), getattr(scratch[part.name], name)) for name in names]
        else:
            module = self.load([changed if node is part else node for node in self.tree.body])
            if getattr(part, "name", "is_id") == "is_id":
                module["ed25519_verifies"] = self.verifies
            yield module
            return
        codes = [own.__code__ for own, _ in pairs]
        for own, other in pairs:
            own.__code__ = other.__code__
        yield self.whole
        for (own, _), code in zip(pairs, codes):
            own.__code__ = code


class TooLong(Exception):
    pass


def run(module, arguments):
    """What came out: the exit code and the verdicts. A program that fails in another way says so."""
    output, errors = io.StringIO(), io.StringIO()
    sys.stdout, sys.stderr = output, errors
    signal.setitimer(signal.ITIMER_PROF, CASE_SECONDS)
    try:
        code = module["main"](["--json"] + arguments)
    except Exception as error:
        return "it broke: %r" % error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    lines = [json.loads(line) for line in output.getvalue().splitlines() if line.startswith("{")]
    return [code] + [(line.get("file"), line["axis"], line["verdict"]) for line in lines]


def on_alarm(_signal, _frame):
    raise TooLong


def main(verifier, cases):
    signal.signal(signal.SIGPROF, on_alarm)
    program = Program(verifier)
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

    telling = program.telling(reached_site=reached, decided_site=tell)
    outcomes, cases_of = [], {}
    for index, case in enumerate(arguments):
        decided.clear()
        outcomes.append(run(telling, case))
        for number in decided:
            cases_of.setdefault(number, []).append(index)
    for number, (line, what, text) in enumerate(program.sites):
        candidates = spread(cases_of.get(number, []))
        with program.without(number) as module:
            killer = next((index for index in candidates if run(module, arguments[index]) != outcomes[index]), None)
        row = {"line": line, "what": what, "text": text}
        print(json.dumps({**row, "decided": len(candidates), "caught": killer}), flush=True)


def spread(indexes):
    """First some cases from all parts of the corpus, since of a check that decides in hundreds any shows it mostly."""
    first = indexes[:: max(1, len(indexes) // CASES_FIRST)]
    return first + sorted(set(indexes) - set(first))


if __name__ == "__main__":
    main(*sys.argv[1:])
