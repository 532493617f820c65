"""The transformer tagger: what it reads, that it learns, that it goes on after a stop, and a saved copy that is safe."""

from __future__ import annotations

import json
import logging
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimtag.errors import BundleError, OptionError
from claimtag.scheme import load_scheme
from claimtag.themes.base import ArticleContext, SentenceInArticle, ThemeModel

torch = pytest.importorskip("torch", reason="needs the extra transformers")
transformers = pytest.importorskip("transformers", reason="needs the extra transformers")
pytest.importorskip("accelerate", reason="needs the extra transformers")

from claimtag.themes import transformer  # noqa: E402
from claimtag.themes.transformer import CutWarning, TransformerTagger, learning, tuning  # noqa: E402
from claimtag.themes.transformer.quiet import quiet, seeded  # noqa: E402
from claimtag.themes.transformer.windows import Marks, Window, Windows, cut_note  # noqa: E402

LABELS = ("drugs", "justice", "policing")
TOPICS = {
    "drugs": ["le cannabis venait du port", "de la drogue dans un camion"],
    "justice": ["le tribunal condamne un homme", "la peine est de prison"],
    "policing": ["la police arrête un voleur", "une patrouille cherche un homme"],
    "": ["il fait beau dimanche", "le blé est cher"],
}
WORDS = sorted({word for texts in TOPICS.values() for text in texts for word in text.split()} | {"query:", "titre"})


def read(*texts: str, title: str = "") -> list[SentenceInArticle]:
    article = ArticleContext(texts, ("body",) * len(texts), title=title, lang="fr")
    return [SentenceInArticle(article, index) for index in range(len(texts))]


def material(articles: int = 40) -> tuple[list[SentenceInArticle], np.ndarray]:
    chance = random.Random(1)
    X: list[SentenceInArticle] = []
    Y: list[list[bool]] = []
    for number in range(articles):
        topics = [chance.choice(list(TOPICS)) for _ in range(4)]
        X += read(*(f"{chance.choice(TOPICS[topic])} {number}" for topic in topics), title="titre")
        Y += [[topic == label for label in LABELS] for topic in topics]
    return X, np.array(Y)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder that knows nothing, and a tokeniser of whole words."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    folder = tmp_path_factory.mktemp("encoder")
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    words = Tokenizer(WordLevel({word: place for place, word in enumerate([*special, *WORDS])}, unk_token="[UNK]"))
    words.pre_tokenizer = WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", unk_token="[UNK]"
    ).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(WORDS) + 4,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    with quiet(), seeded(0):
        transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def tagger(encoder: Path, **options: Any) -> TransformerTagger:
    quick: dict[str, Any] = {
        "tokens": 48, "epochs": 12, "batch": 4, "learning_rate": 3e-3, "head_learning_rate": 3e-2, "bf16": False, "device": "cpu"
    }  # fmt: skip
    return TransformerTagger(LABELS, encoder=str(encoder), **(quick | options))


@pytest.fixture(scope="module")
def fitted(encoder: Path) -> TransformerTagger:
    return tagger(encoder, validation=0.0).fit(*material())


def weights(model: TransformerTagger) -> list[np.ndarray]:
    return [weight.detach().numpy() for weight in model._network.parameters()]


def test_it_is_a_theme_model_that_learns(fitted: TransformerTagger) -> None:
    model: ThemeModel = fitted
    scores = model.scores([*read("le tribunal condamne un homme", "de la drogue dans un camion"), "la police arrête"])
    assert scores.dtype == np.float32
    assert ((scores >= 0) & (scores <= 1)).all()
    assert [LABELS[column] for column in scores.argmax(axis=1)] == ["justice", "drugs", "policing"]
    assert fitted.scores([]).shape == (0, 3)


def test_the_notes_say_how_training_went(encoder: Path) -> None:
    begun, first, second = tagger(encoder, epochs=1).fit(*material(12)).notes
    assert re.fullmatch(r"begun with the encoder encoder\d+, weights' sha256 `[0-9a-f]{12}…`", begun)
    assert first.startswith("fine-tuned on ")
    assert "windows of up to 48 tokens" in first
    assert second.startswith("kept the weights after step ")


def test_a_row_does_not_depend_on_what_else_is_asked_for(fitted: TransformerTagger) -> None:
    X, _ = material(12)
    X += read("un " * 40, "le port")
    scores = fitted.scores(X)
    order = random.Random(0).sample(range(len(X)), len(X))
    assert np.abs(fitted.scores([X[place] for place in order]) - scores[order]).max() < 1e-4
    for place in order[:6]:
        assert np.abs(fitted.scores([X[place]])[0] - scores[place]).max() < 1e-4
    assert np.abs(fitted.scores([X[0], X[0], X[0]]) - scores[0]).max() < 1e-4


def test_a_sentence_is_read_in_its_article(fitted: TransformerTagger) -> None:
    alone, beside = read("un homme")[0], read("un homme", "le tribunal condamne un homme", title="titre")[0]
    assert not np.allclose(*fitted.scores([alone, beside]), atol=1e-3)


def test_training_twice_gives_the_same_weights_and_touches_no_generator(encoder: Path) -> None:
    X, Y = material(8)
    random.seed(5), np.random.seed(5), torch.manual_seed(5)
    before = (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
    first = tagger(encoder, epochs=1).fit(X, Y)
    assert before == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
    random.random(), np.random.random(), torch.rand(1)
    second, other = tagger(encoder, epochs=1).fit(X, Y), tagger(encoder, epochs=1, seed=1).fit(X, Y)
    assert all((a == b).all() for a, b in zip(weights(first), weights(second), strict=True))
    assert any((a != b).any() for a, b in zip(weights(first), weights(other), strict=True))


def test_nothing_is_said_and_nothing_of_the_process_is_changed(
    encoder: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    environment = dict(os.environ)
    verbosity, bars = transformers.logging.get_verbosity(), transformers.logging.is_progress_bar_enabled()
    level, threads = logging.getLogger().level, torch.get_num_threads()
    model = tagger(encoder, epochs=1, bf16=True).fit(*material(8))
    transformer.save(model, tmp_path)
    transformer.load(tmp_path).scores(["le port"])
    assert capfd.readouterr() == ("", "")
    assert dict(os.environ) == environment
    assert (verbosity, bars) == (transformers.logging.get_verbosity(), transformers.logging.is_progress_bar_enabled())
    assert (level, threads) == (logging.getLogger().level, torch.get_num_threads())


def test_progress_is_shown_on_a_terminal_alone_and_never_on_stdout(
    encoder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    tagger(encoder, epochs=1).fit(*material(8))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "2/2" in shown.err


def test_half_precision_learns_nearly_the_same(encoder: Path, fitted: TransformerTagger) -> None:
    X, Y = material()
    model = tagger(encoder, bf16=True, validation=0.0).fit(X, Y)
    assert ((model.scores(X) > 0.5) == Y).mean() > 0.95
    assert weights(model)[0].dtype == np.float32


def test_a_label_without_examples_scores_0_and_one_that_all_have_1(encoder: Path) -> None:
    X, Y = material(6)
    Y[:, 0], Y[:, 1] = False, True
    model = tagger(encoder, epochs=1).fit(X, Y)
    assert (model.scores(X)[:, :2] == [0, 1]).all()
    assert {part.weight for part in model.explain(X[0], "drugs")} == {0.0}


def test_rare_labels_count_more_up_to_a_limit(encoder: Path) -> None:
    X, Y = material(8)
    Y[:, 0] = False
    Y[0, 0] = True
    model = tagger(encoder, epochs=1, pos_weight=3.0, validation=0.0).fit(X, Y)
    given = model._network.pos_weight.tolist()
    share = Y.mean(axis=0)
    assert given == pytest.approx(np.clip((1 - share) / share, 1, 3).tolist())
    assert given[0] == 3


def test_the_head_begins_with_what_the_encoder_knows_already(
    encoder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begins: list[np.ndarray] = []
    probe = learning.probe

    def watched(network: Any, *arguments: Any, **named: Any) -> None:
        probe(network, *arguments, **named)
        begins.append(network.head.weight.detach().numpy().copy())

    monkeypatch.setattr(learning, "probe", watched)
    monkeypatch.setattr(learning, "PROBE", 1.0)
    X, Y = material(20)
    barely = {"epochs": 1, "learning_rate": 1e-9, "head_learning_rate": 1e-9, "checkpoint": str(tmp_path)}
    model = tagger(encoder, **barely).fit(X, Y)
    assert ((model.scores(X) > 0.5) == Y).mean() > 0.8 > (~Y).mean()
    assert len(begins) == 1
    (next(tmp_path.iterdir()) / "finished").rename(tmp_path / "aside")
    tagger(encoder, **barely).fit(X, Y)
    assert len(begins) == 2  # neither finished nor with a checkpoint to go on from


def test_the_centre_and_scale_of_features_are_taken_into_the_head(encoder: Path) -> None:
    X, Y = material(6)
    model = tagger(encoder, epochs=1).fit(X, Y)
    network, before = model._network, model.decision_function(X)
    with torch.no_grad():
        network.head.bias += network.head.weight @ torch.ones(64)
        network.head.weight *= 2
        network.centre += 1
        network.scale += 1
    assert np.abs(model.decision_function(X) - before).max() < 1e-4
    network.settle()
    assert np.abs(model.decision_function(X) - before).max() < 1e-4
    assert (network.centre == 0).all()


def test_the_vectors_of_words_stay_as_they_were(encoder: Path, fitted: TransformerTagger) -> None:
    from safetensors.torch import load_file

    [name] = [name for name in load_file(encoder / "model.safetensors") if "word_embeddings" in name]
    learnt = fitted._network.encoder.get_input_embeddings().weight
    assert (learnt == load_file(encoder / "model.safetensors")[name]).all()


def test_a_label_that_was_not_asked_is_not_learnt_as_absent(encoder: Path) -> None:
    X, Y = material()
    hidden = np.zeros_like(Y)
    hidden[: len(X) // 2, 0] = True
    masked = np.ma.array(Y & ~hidden, mask=hidden)
    drugs = read("de la drogue dans un camion")
    asked, absent = tagger(encoder).fit(X, masked), tagger(encoder).fit(X, Y & ~hidden)
    assert asked.scores(drugs)[0, 0] > absent.scores(drugs)[0, 0] + 0.1
    assert asked._network.pos_weight[0] < absent._network.pos_weight[0]  # of those asked it is not that rare
    hidden[:, 0] = True
    assert tagger(encoder, epochs=1).fit(X, np.ma.array(Y, mask=hidden)).scores(drugs)[0, 0] == 0


def test_weights_move_once_for_all_batches_that_are_accumulated(encoder: Path) -> None:
    X, Y = material(8)
    single = tagger(encoder, epochs=1, batch=4, validation=0.0).fit(X, Y)
    split = tagger(encoder, epochs=1, batch=2, accumulate=2, validation=0.0).fit(X, Y)
    assert "2 steps of 4 windows" in single.notes[1]
    assert split.notes == single.notes


def test_training_stops_when_it_gets_no_better_and_the_best_epoch_is_kept(
    encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, seen = iter([0.2, 0.6, 0.5, 0.4, 0.9]), []

    def quality(network: Any, *_: Any, **__: Any) -> float:
        seen.append(network.encoder.encoder.layer[0].output.dense.weight.detach().clone())
        return next(values)

    monkeypatch.setattr(tuning, "_quality", quality)
    model = tagger(encoder, patience=2).fit(*material(24))
    assert len(seen) == 4
    assert (model._network.encoder.encoder.layer[0].output.dense.weight == seen[1]).all()
    assert "mean average precision 0.600" in model.notes[2]


def test_whole_articles_and_their_copies_are_set_aside(encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    X, Y = material(12)
    twice = [SentenceInArticle(ArticleContext(s.article.sentences, s.article.kinds), s.index) for s in X]
    parts: list[list[set[str]]] = []
    learnt = learning.fine_tune

    def fine_tune(network: Any, learn: list[Window], held: list[Window], *arguments: Any, **named: Any) -> Any:
        parts.append([{[*X, *twice][row].text for window in part for row in window.rows} for part in (learn, held)])
        return learnt(network, learn, held, *arguments, **named)

    monkeypatch.setattr(learning, "fine_tune", fine_tune)
    tagger(encoder, epochs=1, validation=0.25).fit([*X, *twice], np.vstack([Y, Y]))
    [[learn, held]] = parts
    assert learn
    assert held
    assert not learn & held


def test_an_article_that_alone_has_a_label_is_learnt_from() -> None:
    X, Y = material(20)
    for alone in range(0, len(X), 4):
        Y[:, 0] = False
        Y[alone, 0] = True
        held = learning.held_out(X, Y, 0.25)
        assert held.any()
        assert not held[alone]


def test_too_few_articles_are_all_learnt_from(encoder: Path) -> None:
    model = tagger(encoder, epochs=1).fit(*material(3))
    assert model.notes[2] == "no sentences set aside, so that the weights of the last epoch were kept"


def test_a_training_broken_off_goes_on_and_gives_the_same(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, Y = material(12)
    straight = tagger(encoder, epochs=3, patience=0).fit(X, Y)
    quality, calls = tuning._quality, []

    def broken(*arguments: Any, **named: Any) -> float:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return quality(*arguments, **named)

    monkeypatch.setattr(tuning, "_quality", broken)
    with pytest.raises(KeyboardInterrupt):
        tagger(encoder, epochs=3, patience=0, checkpoint=str(tmp_path)).fit(X, Y)
    [folder] = tmp_path.iterdir()
    newest = max(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    half = folder / "checkpoint-99"  # killed while it was written
    shutil.copytree(newest, half)
    (half / "trainer_state.json").write_text('{"epo')
    resumed = tagger(encoder, epochs=3, patience=0, checkpoint=str(tmp_path)).fit(X, Y)
    assert len(calls) == 4  # the third epoch alone was done again
    assert all((a == b).all() for a, b in zip(weights(straight), weights(resumed), strict=True))
    assert resumed.notes == straight.notes
    again = tagger(encoder, epochs=3, patience=0, checkpoint=str(tmp_path)).fit(X, Y)
    assert len(calls) == 4
    assert (again.scores(X) == resumed.scores(X)).all()
    assert [path.name for path in folder.iterdir()] == ["finished"]


def test_other_data_or_options_have_a_checkpoint_of_their_own(encoder: Path, tmp_path: Path) -> None:
    X, Y = material(4)
    for options in ({}, {"epochs": 2}, {"checkpoint": str(tmp_path)}):
        tagger(encoder, **({"epochs": 1, "checkpoint": str(tmp_path)} | options)).fit(X, Y)
    tagger(encoder, epochs=1, checkpoint=str(tmp_path)).fit(X, ~Y)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_training_goes_on_wherever_the_encoder_lies(encoder: Path, tmp_path: Path) -> None:
    X, Y = material(4)
    shutil.copytree(encoder, tmp_path / "elsewhere")
    for folder in (encoder, tmp_path / "elsewhere"):
        tagger(folder, epochs=1, checkpoint=str(tmp_path / "checkpoints")).fit(X, Y)
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1


def test_a_killed_training_goes_on(encoder: Path, tmp_path: Path) -> None:
    script = f"""
import sys, os, signal
sys.path[:0] = [{str(Path(__file__).parent)!r}]
import torch; torch.set_num_threads(1)
from pathlib import Path
from test_transformer import material, tagger
from claimtag.themes.transformer import tuning
quality, calls = tuning._quality, []
def killed(*arguments, **named):
    calls.append(1)
    if len(calls) == 2: os.kill(os.getpid(), signal.SIGKILL)
    return quality(*arguments, **named)
tuning._quality = killed
tagger(Path({str(encoder)!r}), epochs=3, checkpoint={str(tmp_path)!r}).fit(*material(12))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert done.returncode == -9, done.stderr
    X, Y = material(12)
    resumed, straight = (
        tagger(encoder, epochs=3, checkpoint=str(tmp_path)).fit(X, Y),
        tagger(encoder, epochs=3).fit(X, Y),
    )
    assert all((a == b).all() for a, b in zip(weights(straight), weights(resumed), strict=True))


def test_a_saved_copy_scores_alike_and_holds_no_pickle(fitted: TransformerTagger, tmp_path: Path) -> None:
    transformer.save(fitted, tmp_path)
    X, _ = material(4)
    copy = transformer.load(tmp_path)
    assert np.abs(copy.scores(X) - fitted.scores(X)).max() < 1e-6
    assert (copy.labels, copy.notes) == (fitted.labels, fitted.notes)
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"transformer.json", "head.safetensors", "encoder/model.safetensors", "encoder/tokenizer.json"} <= names
    assert {name.rpartition(".")[2] for name in names} == {"json", "safetensors"}
    assert str(tmp_path) not in (tmp_path / "transformer.json").read_text()


@pytest.mark.parametrize(
    "name", ["transformer.json", "head.safetensors", "encoder/model.safetensors", "encoder/config.json"]
)
def test_a_damaged_file_is_refused(fitted: TransformerTagger, tmp_path: Path, name: str) -> None:
    transformer.save(fitted, tmp_path)
    whole = (tmp_path / name).read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], None):
        if damaged is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(damaged)
        with pytest.raises(BundleError, match=r"not a saved transformer tagger, or damaged \(.+\); get it again"):
            transformer.load(tmp_path)


def test_a_head_of_other_labels_and_a_pickle_are_refused(fitted: TransformerTagger, tmp_path: Path) -> None:
    transformer.save(fitted, tmp_path)
    record = json.loads((tmp_path / "transformer.json").read_text())
    (tmp_path / "transformer.json").write_text(json.dumps(record | {"labels": ["drugs"]}))
    with pytest.raises(BundleError, match="damaged"):
        transformer.load(tmp_path)
    (tmp_path / "transformer.json").write_text(json.dumps(record))
    torch.save(fitted._network.encoder.state_dict(), tmp_path / "encoder" / "pytorch_model.bin")
    (tmp_path / "encoder" / "model.safetensors").unlink()
    with pytest.raises(BundleError, match="damaged"):
        transformer.load(tmp_path)


def test_an_encoder_that_lacks_weights_is_refused(encoder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(encoder, tmp_path, dirs_exist_ok=True)
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(OptionError, match=r"1 weights are missing or of another shape, such as encoder\.layer\.1"):
        tagger(tmp_path).fit(*material(2))


def test_no_encoder_there_is_said_with_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(
        OptionError, match=r"cannot be read: .+; give a folder with config\.json, model\.safetensors and"
    ):
        tagger(tmp_path).fit(*material(2))


def test_explaining_leaves_out_words_the_title_and_the_article(fitted: TransformerTagger) -> None:
    sentence = read("le tribunal condamne un homme", "il fait beau", title="titre")[0]
    parts = fitted.explain(sentence, "justice")
    assert sorted(part[:2] for part in parts) == sorted(
        [(word, "sentence") for word in sentence.text.split()] + [("titre", "title"), ("…", "article")]
    )
    assert [abs(part.weight) for part in parts] == sorted((abs(part.weight) for part in parts), reverse=True)
    without = read("le condamne un homme", "il fait beau", title="titre")[0]
    values = fitted.decision_function([sentence, without])[:, LABELS.index("justice")]
    weight = next(part.weight for part in parts if part.feature == "tribunal")
    assert weight == pytest.approx(float(values[0] - values[1]), abs=1e-4)
    with pytest.raises(OptionError, match='"justise" is not one of the labels \\(did you mean "justice"\\?\\)'):
        fitted.explain(sentence, "justise")


def test_of_an_endless_sentence_a_hundred_words_are_explained(fitted: TransformerTagger) -> None:
    with pytest.warns(CutWarning):
        assert len(fitted.explain("homme " * 5000, "justice")) == 100


def test_how_many_sentences_were_cut_is_told_in_the_right_number() -> None:
    window = Window((1,), ((0, 1), (0, 1)), rows=(0, 1), cut=(0, 1))
    told = "longer than the 9 tokens that the model reads at once; what goes beyond did not count"
    assert cut_note([window], 9) == f"2 of 2 sentences are {told}"
    assert cut_note([Window((1,), ((0, 1),), rows=(0,), cut=(0,))], 9) == f"1 of 1 sentence is {told}"
    assert cut_note([Window((1,), ((0, 1),), rows=(0,))], 9) == ""


def test_a_sentence_that_is_too_long_is_counted_and_said(encoder: Path, fitted: TransformerTagger) -> None:
    long = " ".join(["homme"] * 100)
    with pytest.warns(CutWarning, match="1 of 2 sentences is longer than the 48 tokens that the model reads at once"):
        fitted.scores(["un homme", long])
    X, Y = material(4)
    model = tagger(encoder, epochs=1).fit([*X, long], np.vstack([Y, Y[:1]]))
    assert model.notes[-1].startswith("1 of 17 sentences is longer than the 48 tokens")


def test_messy_text_is_read(fitted: TransformerTagger) -> None:
    scores = fitted.scores(["", " ", "\x00", "\ud7ff", "日本語", *read("", "")])
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs takes a whole number from 1 on, not 0"),
        ({"warmup": 1.0}, "warmup takes a share of the steps: from 0 on, below 1, not 1.0"),
        ({"tokens": 8}, "tokens must be at least 16, so that a sentence has room, not 8"),
        ({"tokens": 65}, "the encoder reads at most 64 tokens at once, not 65"),
        ({"device": "tpu"}, 'device takes "cpu", "cuda", or None: cuda where there is one, not \'tpu\''),
    ],
)
def test_options_that_make_no_sense_are_refused(encoder: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError) as refused:
        tagger(encoder, **options).fit(*material(2))
    assert str(refused.value) == message


def test_nothing_to_learn_from_and_not_fitted_are_said(encoder: Path) -> None:
    with pytest.raises(OptionError, match="there is nothing to learn from"):
        tagger(encoder).fit([], np.zeros((0, 3)))
    with pytest.raises(OptionError, match="X holds 1 sentences, Y 2 rows"):
        tagger(encoder).fit(["a"], np.zeros((2, 3)))
    with pytest.raises(OptionError, match="has not learnt anything yet"):
        tagger(encoder).scores(["a"])


def test_it_is_made_for_a_scheme(encoder: Path) -> None:
    scheme = load_scheme("security-cooperation")
    model = transformer.make(scheme, encoder=str(encoder), epochs=2)
    assert model.labels == scheme.labels
    assert model.options["epochs"] == 2


# what is read


def characters(texts: list[str]) -> list[list[int]]:
    return [[ord(character) for character in text] for text in texts]


MARKS = Marks(begin=(1,), between=(2,))
texts = st.text(alphabet="abcdefgh", max_size=60)


@settings(max_examples=200)
@given(
    st.lists(texts, min_size=1, max_size=12),
    texts,
    st.integers(16, 90),
    st.integers(1, 6),
    st.sampled_from([MARKS, Marks()]),
)
def test_every_sentence_is_read_once_whole_or_counted_within_the_budget(
    article: list[str], title: str, tokens: int, together: int, marks: Marks
) -> None:
    sentences = read(*article, title=title)
    windows = Windows(characters, marks, tokens=tokens, together=together).of(sentences)
    assert sorted(row for window in windows for row in window.rows) == list(range(len(sentences)))
    for window in windows:
        assert len(window.tokens) <= tokens
        assert len(window.rows) <= together
        for (begin, end), row in zip(window.spans, window.rows, strict=True):
            found = "".join(map(chr, window.tokens[begin:end]))
            assert found == article[row] if row not in window.cut else article[row].startswith(found)


@given(st.lists(texts, min_size=2, max_size=8), st.randoms())
def test_a_window_is_the_same_whichever_of_its_sentences_are_asked_for(article: list[str], chance: Any) -> None:
    sentences = read(*article)
    windows = Windows(characters, MARKS, tokens=60, together=4)
    whole = {row: window for window in windows.of(sentences) for row in window.rows}
    asked = chance.sample(range(len(sentences)), 2)
    for window in windows.of([sentences[place] for place in asked]):
        for row, span in zip(window.rows, window.spans, strict=True):
            same = whole[asked[row]]
            assert window.tokens == same.tokens
            assert span == same.spans[same.rows.index(asked[row])]


def test_what_is_around_fills_the_budget() -> None:
    sentences = read(*["abcdefgh"] * 20)
    windows = Windows(characters, MARKS, tokens=40, together=1).of(sentences)
    assert {len(window.tokens) for window in windows} == {40}
    begin, end = windows[10].spans[0]
    assert abs(begin - (40 - end)) <= 4


def test_an_article_that_fits_is_one_window() -> None:
    [window] = Windows(characters, MARKS, tokens=64, together=8).of(read("abc", "def", "gh", title="a"))
    assert (window.rows, window.cut) == ((0, 1, 2), ())
    assert ["".join(map(chr, window.tokens[begin:end])) for begin, end in window.spans] == ["abc", "def", "gh"]
    assert window.tokens[:3] == (*MARKS.begin, ord("a"), *MARKS.between)


def test_windows_are_made_in_linear_time() -> None:
    def seconds(many: int) -> float:
        sentences = read(*["abcdefgh"] * many)
        begun = time.process_time()
        windows = Windows(characters, MARKS, tokens=64, together=1).of(sentences)
        assert len(windows) == many
        return time.process_time() - begun

    few, many = (min(seconds(many) for _ in range(3)) for many in (1000, 16_000))
    assert many < 64 * few  # 16 times the sentences; were each to look at all others, 256 times the work


def test_an_article_is_tokenised_once_however_many_windows_it_becomes() -> None:
    read_texts: list[str] = []

    def watched(texts: list[str]) -> list[list[int]]:
        read_texts.extend(texts)
        return characters(texts)

    windows = Windows(watched, MARKS, tokens=16, together=1).of(read(*["abcdefgh"] * 50, title="a"))
    assert len(windows) == 50
    assert sorted(read_texts) == ["", "a", *["abcdefgh"] * 50]
