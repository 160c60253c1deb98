"""Answers from clauses that the model reads: one clause, the articles named, or each side's.

One clause per prompt, so that a sentence cites the clause it was written from. Which clause answers
is decided by rag.answer.choose, what is written by rag.answer.write.
"""

from __future__ import annotations

from collections.abc import Generator as Steps
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from index.documents.model import Document
from index.request.wording import Wording
from index.search.contents import is_front_matter
from index.search.search import search
from rag.answer.choose import NEARLY, Choice, Chooser, answering, odds_of, worth_reading
from rag.answer.compose import name_of
from rag.answer.decision import asks_elsewhere, leaning
from rag.answer.each_asked import PartAsked, left_open, not_naming_bodies, parts_of_question
from rag.answer.englished import englished, resting_on
from rag.answer.evidence import ReadClause
from rag.answer.force import asks_degree, asks_force
from rag.answer.force_told import preferred, told_with_force
from rag.answer.in_chinese import in_chinese, rendered, together
from rag.answer.referred import with_referred
from rag.answer.refuse import near_miss, nearest
from rag.answer.running import Running, outcome_of
from rag.answer.support import Statement
from rag.answer.told import tell
from rag.answer.verify import gives, unsure
from rag.answer.weigh import EVIDENCE, Weighed, weigh_evidence
from rag.answer.who_told import asks_beside, bodies_told, tell_who, told_beside
from rag.answer.windows import Nearness
from rag.answer.write import in_english_of, in_language, write
from rag.schema import Answer, Event, Judgement, Language, Stage

# Candidates on each side of a comparison.
SIDE = 6
MOST_SIDES = 3
# Articles cited by the answer before that are read again for a follow-up.
MOST_CARRIED = 2


class FromClauses:
    """What is read and written for one question; what was read once is not read again."""

    def __init__(self, running: Running) -> None:
        """Nothing is read yet."""
        self.running = running
        # Who chooses for the wording asked last.
        self._choosers: dict[str, Chooser] = {}
        # How many clauses, or windows of overlong ones, there were to choose from.
        self._candidates = 0
        # The question in Chinese, by which sentences of clauses without English are found and told.
        self._chinese: Wording | None = None

    def one_clause(self) -> Iterator[Event]:
        """The answer from one clause, or the refusal."""
        running = self.running
        asked, language = running.request.asked, running.language
        choices, chosen = yield from self._chosen()
        if chosen is None:
            carried = self._carried(choices[0].read, asked)
            yield from (running.told(carried) if carried else iter((self._near_miss(choices),)))
            return
        statements = yield from self._write(chosen.read, running.request.answered)
        if unsure(asked, chosen.judgement):
            yield Stage("checking", running.label(chosen.read))
        generator = running.means.generator
        if not statements or not gives(generator, asked, statements, language, chosen):
            yield self._nearest(chosen.read, chosen.judgement)
            return
        if running.request.wanted == "who":
            statements = with_referred(running, statements)
        statements += yield from self._of_others(chosen.read)
        yield running.finished(statements)

    def _of_others(self, read: ReadClause) -> Steps[Event, None, list[Statement]]:
        """What other clauses say to the parts of a question that the one chosen leaves open."""
        statements: list[Statement] = []
        for part in left_open(self.running, read):
            own, asked = FromClauses(part), part.request.asked
            if answering(own.read_those([read.clause.id]), asked, part.language):
                continue
            _, chosen = yield from own._chosen()
            if chosen is None or chosen.read.clause.id == read.clause.id:
                continue
            told = yield from own._write(chosen.read, part.request.answered)
            if told and gives(part.means.generator, asked, told, part.language, chosen):
                statements += told
        return statements

    def likeliest(self, read: ReadClause, most: int) -> str:
        """The words of a clause that answer best, in the language it is read in."""
        weighed = self._weighed(self.running.request.asked, read)[:most]
        joint = "" if read.language == "zh" else " "
        return joint.join(each.passage.words(read.language) for each in weighed)

    def _answering(
        self, choices: Sequence[Choice], asked: Wording, language: Language
    ) -> Choice | None:
        """The candidate that answers, or from which an answer may be written to be judged."""
        chosen = answering(choices, asked, language)
        return chosen or answering(choices, asked, language, draft=True)

    def _chosen(self) -> Steps[Event, None, tuple[list[Choice], Choice | None]]:
        """The clauses judged, and the one that answers, if any does.

        Those without English are searched by an English question put into Chinese, too. They are
        judged by the question itself: what is put into Chinese loses words.
        """
        running = self.running
        asked, language = running.request.asked, running.language
        other = in_chinese(running)
        if other is None:
            choices = yield from self._read_enough()
            return choices, self._answering(choices, asked, language)
        self._chinese = other.request.asked
        in_english, running.found = rendered(running), other.found
        choices = yield from self._read_enough()
        chosen = answering(choices, asked, language)
        own: list[Choice] = []
        if in_english.hits:
            running.found = in_english
            own = yield from self._read_enough()
            best = answering(own, asked, language)
            # The model's Yes is told alike of both languages, likelihoods are not.
            if best and (chosen is None or _yes(best) > _yes(chosen)):
                chosen = best
        running.found = together(other.found, in_english)
        for group in (choices, own):
            chosen = chosen or self._answering(group, asked, language)
        return [*choices, *own], chosen

    def read_all(self) -> list[Choice]:
        """The clauses as they are read for a decision, the likeliest first; none is decided on."""
        return outcome_of(self._chosen())[0]

    def read_those(self, clause_ids: Sequence[str]) -> list[Choice]:
        """These clauses, as if they were all that is found."""
        return outcome_of(self._choose(clause_ids, {}, self.running.request.asked))

    def _read_enough(self) -> Steps[Event, None, list[Choice]]:
        """The clauses judged: the first ones, or all where the best of those hardly answers."""
        running = self.running
        asked, language = running.request.asked, running.language
        # What the answer before cited may hold what a follow-up asks: it was found by the question
        # before, as well as anything is found now.
        carried = running.request.carried[:MOST_CARRIED]
        likely = running.found.likely
        likely = {**likely, **dict.fromkeys(carried, max(likely.values(), default=0.5))}
        keys = list(dict.fromkeys([*carried, *worth_reading(running.found, language)]))
        # Of a conversation what it cited comes first, however likely the others are.
        choices = yield from self._choose(keys, likely, asked, early=not carried)
        chosen = answering(choices, asked, language)
        if (chosen is None or chosen is not choices[0]) and len(choices) < self._candidates:
            # The best lacks what is asked for: one that was not judged may have it.
            choices = yield from self._choose(keys, likely, asked, thorough=True)
        return choices

    def articles_named(self) -> Iterator[Event]:
        """What is asked of the articles named."""
        running = self.running
        named = running.request.articles
        who = running.request.leans and running.request.wanted == "who"
        if who and not any(tell_who(running, running.read(key)) for key in named[:MOST_SIDES]):
            # An article that names nobody may leave it to another.
            yield from self.one_clause()
            return
        statements: list[Statement] = []
        for clause_id in named[:MOST_SIDES]:
            statements += yield from self._write(running.read(clause_id), running.request.answered)
        if statements:
            yield running.finished(statements)
        else:
            yield self._nearest(running.read(named[0]))

    def sides(self) -> Iterator[Event]:
        """One clause for each side of a comparison, told under its document's name.

        It is the one that the question names in that side's documents, if it names one. A side
        outside of the documents chosen is only named.
        """
        running = self.running
        statements: list[Statement] = []
        decided: list[Statement] = []
        silent: list[Document] = []
        sides = running.request.sides
        outside = [each.documents[0] for each in sides if not running.held(each.documents)]
        reads = [running.read(clause_id) for clause_id in running.request.articles]
        for side in [each for each in sides if running.held(each.documents)][:MOST_SIDES]:
            # Of a side what answers is told, not all that is to be done about it. The question may
            # say what its writer does; that is no measure of the document's, so it is quoted.
            asked = replace(side.request.asked, measures=False)
            held = running.held(side.documents)
            own = frozenset(document.id for document in held)
            read = next((read for read in reads if read.document.id in own), None)
            if read is None:
                found = search(running.index, side.request, SIDE, within=own)
                keys = worth_reading(found, running.language)
                choices = yield from self._choose(keys, found.likely, asked)
                best = self._of_side(choices, asked)
                if best is None:
                    silent.append(held[0])
                    continue
                read = best.read
            quoting = side.request.asked.measures or asks_degree(running.request.asked.text)
            told = yield from self._write(read, asked, quoting, side=True)
            if not told:
                silent.append(held[0])
                continue
            colon = "：" if running.language == "zh" else ": "
            name = name_of(read.document, running.language)
            if told[0].carried:
                decided += told
            statements += [replace(told[0], text=f"{name}{colon}{told[0].text}"), *told[1:]]
        if len(decided) == 1:
            # One of them settles what is asked of all.
            yield running.finished(decided)
        elif statements:
            statements = preferred(statements, running.request.asked, running.language)
            yield running.finished(statements, silent, outside)
        else:
            yield from self.one_clause()

    def _of_side(self, choices: Sequence[Choice], asked: Wording) -> Choice | None:
        """The clause that tells of a side: of a document in force, where several are held.

        What only names a document tells nothing of it, unless that is asked.
        """
        if self.running.request.wanted not in ("issue", "validity"):
            choices = [
                each for each in choices
                if not is_front_matter(each.read.clause, each.read.document)
            ] or choices  # fmt: skip
        today = self.running.means.today()
        current = [
            each for each in choices
            if each.read.document.status(today) not in ("expired", "superseded", "repealed")
        ]  # fmt: skip
        language = self.running.language
        best = answering(choices, asked, language, compared=True)
        # One in force must answer nearly as well, and as surely as any clause asked for alone.
        near = answering(current, asked, language)
        return near if best and near and near.score >= best.score - NEARLY else best

    def _choose(
        self,
        clause_ids: Sequence[str],
        likely: Mapping[str, float],
        asked: Wording,
        thorough: bool = False,
        early: bool = False,
    ) -> Steps[Event, None, list[Choice]]:
        running = self.running
        yield Stage("choosing")
        near, generator = self._near(asked), running.means.generator
        candidates = [
            (read, odds_of(likely.get(key)))
            for key in clause_ids
            for read in near.to_judge(running.read(key), generator)
        ]
        self._candidates = len(candidates)
        if asked.text not in self._choosers:
            self._choosers = {asked.text: Chooser(generator, asked.content)}
        choices = self._choosers[asked.text].choose(candidates, thorough, early)
        if thorough:
            running.ranked.pop()  # the first, shorter reading of the same
        running.ranked.append(self._choosers[asked.text].ranking)
        return choices

    def _write(
        self, read: ReadClause, asked: Wording, quoting: bool = False, side: bool = False
    ) -> Steps[Event, None, list[Statement]]:
        """Statements from one clause's evidence; what the clause does not support is dropped.

        `quoting`: in the clause's own words, whatever the model writes. `side`: of a comparison, so
        that parts of the question are of other sides.
        """
        running = self.running
        yield Stage("reading", running.label(read))
        if asked.where or asked.summary or asked.measures:
            read = self._near(asked, read).to_tell(read, running.read(read.clause.id))
        else:
            read = self._near(asked, read).to_write(read, running.means.generator)
        weighed = self._weighed(asked, read)
        bodies = bodies_told(running, asked, read, weighed)
        if running.request.wanted not in ("who", "count"):
            weighed = not_naming_bodies(asked, weighed)
        for statement in bodies:
            yield running.delta(statement.text)
        if bodies and running.request.wanted == "who" and not asks_beside(running, asked, read):
            return bodies
        translated = running.means.translated
        if asked.where:
            (best,) = tell([weighed[0].passage], read, asked.content)
            colon = "：" if running.language == "zh" else ": "
            text = in_language(best, running.language, translated)
            yield running.delta(text)
            return [replace(best, text=f"{running.label(read)}{colon}{text}")]
        own = read
        if self._chinese and read.language == "zh" and not asks_force(asked.text, "en"):
            yield Stage("writing", running.label(read))
            parts = iter(()) if side else parts_of_question(running, self._chinese, read)
            in_chinese_first = self._written_in_chinese(read, weighed, quoting, parts)
            told = told_beside(bodies, list(in_chinese_first))
            for each in told[: len(told) - len(bodies)]:
                yield running.delta(each.text)
            return told
        if in_english := englished(read, asked, weighed, translated):
            read, weighed = in_english, self._weighed(asked, in_english)
        ranked = [each.passage for each in weighed[:EVIDENCE]]
        carried = told_with_force(asked, read, ranked, running.language)
        if carried:
            for each in carried:
                yield running.delta(each.text)
            return [resting_on(each, own) for each in carried]
        yield Stage("writing", running.label(read))
        statements: list[Statement] = []
        generator = running.means.generator
        parts = iter(()) if side else parts_of_question(running, asked, read)
        for written in write(
            generator, asked, read, weighed, running.language, translated, quoting, parts
        ):
            if isinstance(written, str):
                yield running.delta(written)
            else:
                statements.append(resting_on(written, own))
        return told_beside(bodies, statements)

    def _written_in_chinese(
        self,
        read: ReadClause,
        weighed: Sequence[Weighed],
        quoting: bool,
        parts: Iterable[PartAsked],
    ) -> Iterator[Statement]:
        """Statements in English, from a clause without it: written in Chinese and then translated.

        The model reads a clause better in its own language, and the little that it writes of it is
        checked there before it is translated.
        """
        assert self._chinese is not None
        means, asked = self.running.means, self._chinese
        for written in write(
            means.generator, asked, read, weighed, "zh", means.translated, quoting, parts
        ):
            if isinstance(written, Statement):
                yield in_english_of(written, means.translated)

    def _carried(self, read: ReadClause, asked: Wording) -> list[Statement]:
        """What a clause that does not answer says all the same to a question of yes or no."""
        if asks_elsewhere(asked, read):
            return []
        near = self._near(asked, read).to_write(read)
        weighed = self._weighed(asked, near)
        ranked = [each.passage for each in weighed[:EVIDENCE]]
        told = told_with_force(asked, near, ranked, self.running.language) or []
        return [each for each in told if each.carried]

    def _weighed(self, asked: Wording, read: ReadClause) -> list[Weighed]:
        """The sentences of a clause, the one that answers best first."""
        content = self._in_language(asked, read).content
        similar = self.running.similar_to(content.text)
        return weigh_evidence(content, read, similar, self.running.index.lexicon)

    def _in_language(self, asked: Wording, read: ReadClause) -> Wording:
        """What is asked, in the clause's language where the question is known in it."""
        return self._chinese if self._chinese and read.language == "zh" else asked

    def _near(self, asked: Wording, read: ReadClause | None = None) -> Nearness:
        """What finds the windows of overlong clauses that are nearest to what is asked."""
        asked = self._in_language(asked, read) if read else asked
        text = asked.content.text
        return Nearness(text, self.running.similar_to(text), self.running.index.lexicon)

    def _near_miss(self, choices: Sequence[Choice]) -> Answer:
        """The refusal that tells what the likeliest clause says, if that is near at all."""
        asked = self._in_language(self.running.request.asked, choices[0].read)
        return near_miss(self.running, choices, asked)

    def _nearest(self, read: ReadClause, judgement: Judgement | None = None) -> Answer:
        """The refusal that tells what a clause says all the same."""
        asked = self._in_language(self.running.request.asked, read)
        return nearest(self.running, read, asked, judgement)


def _yes(choice: Choice) -> float:
    """The logit that the clause chosen answers, 0 where none is told."""
    return leaning(choice.judgement) or 0.0
