"""The recall probe: cues that are presented while nothing is learnt, and how many the synapse holds."""

import numpy as np
from playwright.sync_api import expect


def told(visitor, what):
    return visitor.page.locator(f'[data-recall="{what}"]')


def picture(visitor):
    """The cue on show, as the grid of pre units: the left of two tiles."""
    return visitor.values("recall cue")[:, :8].reshape(-1)


def test_a_cue_is_presented_and_w_stays_as_it_is(fresh):
    page = fresh.page
    fresh.set(pattern="paired_associates", circuit="teacher")
    fresh.switch("recall")
    told(fresh, "accuracy").wait_for()
    fresh.wait_frames(10)
    fresh.field("cue").scroll_into_view_if_needed()
    fresh.type("cue", 2)
    # Nothing is learnt while one probes.
    page.get_by_role("button", name="Play").wait_for()
    page.locator(".hebb-key, .hebb-plot-head", has_text="cue 2 of").first.wait_for()
    fresh.settle()
    weights, step, before = fresh.values("W"), fresh.steps(), picture(fresh)

    output, target = fresh.values("recall output")[0], fresh.values("recall target")[0]
    assert output.shape == target.shape == (weights.shape[1],)
    answered = before @ weights
    assert np.corrcoef(output, answered)[0, 1] > 0.999
    match = float(told(fresh, "match").inner_text().replace("−", "-"))
    cosine = output @ target / np.linalg.norm(output) / np.linalg.norm(target)
    assert abs(match - cosine) < 0.02
    assert told(fresh, "answer").inner_text() in ("recalled", "not recalled")
    share = told(fresh, "accuracy").inner_text()
    assert share.endswith("%")
    assert 0 <= int(share[:-1]) <= 100

    # Half of it is hidden: what is given is another picture, the weights are the same to the bit.
    fresh.type("occlusion", 0.5)
    page.locator(".hebb-plot-head", has_text="as given").wait_for()
    fresh.settle()
    given = fresh.values("recall cue")[:, 9:].reshape(-1)
    hidden = given != before
    assert 0 < hidden.sum() <= 32
    assert not given[hidden].any()
    np.testing.assert_array_equal(fresh.values("W"), weights)
    assert fresh.steps() == step

    # The curve comes by itself, once nobody turns a knob any more.
    page.wait_for_function(
        """() => {
          const figure = Bokeh.documents[0].get_model_by_name("recall curve")
          const {data} = figure.renderers.find((r) => r.glyph.type === "Line").data_source
          return data.load.length > 3
        }""",
        timeout=30_000,
    )
    curve = fresh.of(
        "recall curve",
        """f => {
          const {data} = f.renderers.find((r) => r.glyph.type === "Line").data_source
          return [Array.from(data.load), Array.from(data.accuracy)]
        }""",
    )
    assert curve[0] == sorted(set(curve[0]))
    assert all(0 <= share <= 1 for share in curve[1])


def test_without_targets_it_says_why_there_is_nothing_to_recall(fresh):
    fresh.set(circuit="relu")
    fresh.switch("recall")
    expect(told(fresh, "none")).to_contain_text("there is nothing to recall")
    fresh.choose("circuit", "teacher")
    told(fresh, "accuracy").wait_for()
    assert not told(fresh, "none").is_visible()
