// Keeps the page as the board is: the server says when it has changed, and the parts of it that
// are others now are replaced. The focus and the place on the page stay.
'use strict';

(() => {
  const board = document.getElementById('board');
  const live = document.getElementById('live');
  const said = document.getElementById('said');
  let stream = null;
  let wanted = board.dataset.version;
  let loading = false;

  const say = (text, state) => {
    if (live.dataset.state !== state) {
      live.dataset.state = state;
      live.textContent = text;
    }
  };

  const replace = (fresh) => {
    const kept = new Map([...board.children].map((one) => [one.id, one]));
    board.replaceChildren(
      ...[...fresh.children].map((part) => {
        const old = kept.get(part.id);
        return old && old.outerHTML === part.outerHTML ? old : part;
      }),
    );
    document.title = fresh.dataset.title || document.title;
    board.dataset.version = fresh.dataset.version;
  };

  const load = async () => {
    if (loading) return;
    loading = true;
    try {
      while (board.dataset.version !== wanted) {
        const version = wanted;
        const answer = await fetch('/board', { cache: 'no-store' });
        if (!answer.ok) throw new Error(await answer.text());
        const text = await answer.text();
        replace(new DOMParser().parseFromString(text, 'text/html').getElementById('board'));
        // What came meanwhile is newer than what was asked for.
        if (wanted === version) wanted = board.dataset.version;
      }
      if (stream && stream.readyState === EventSource.OPEN) say('Live', 'live');
    } catch (error) {
      say(`Not up to date: ${String(error.message || error).trim()}`, 'lost');
      setTimeout(load, 2000);
    } finally {
      loading = false;
    }
  };

  const tell = (line) => {
    const what = [line.event, ...(line.resources || [])].filter(Boolean).join(' ');
    said.textContent = `${line.session_id || 'board'}: ${what}`;
  };

  const follow = () => {
    if (stream) return;
    stream = new EventSource('/events');
    stream.addEventListener('open', () => say('Live', 'live'));
    stream.addEventListener('board', (event) => {
      wanted = event.data;
      load();
    });
    stream.addEventListener('message', (event) => tell(JSON.parse(event.data)));
    stream.addEventListener('error', () => {
      say('Not connected; the board is as of the last change seen. Trying again.', 'lost');
      // A browser gives up after an answer that is none of a stream.
      if (stream.readyState === EventSource.CLOSED) {
        stream = null;
        setTimeout(follow, 5000);
      }
    });
  };

  // A browser has few connections for one server: a page that is not seen keeps none.
  const attend = () => {
    if (!document.hidden) return follow();
    if (stream) stream.close();
    stream = null;
  };
  document.addEventListener('visibilitychange', attend);
  attend();
})();
