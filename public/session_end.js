// Makes the notice of a session that ends soon follow the time. `src/app/session_end.rs` renders the notice, which works
// without this script.
//
// Two minutes before the end the server is asked whether it still is: a page in another tab may have prolonged the
// session. If so the user is warned, and the notice stays in view until the user stays signed in, here or in another tab, or
// until the session has ended. To ask prolongs nothing.
{
  const WARNING = 120;
  /** While the warning stands, and after a request that failed. */
  const PAUSE = 15;

  const [notice, time, stay, renew, status] = ["end", "end-time", "stay", "renew", "status"].map((name) =>
    document.getElementById(`session-${name}`),
  );
  const form = stay.form;
  let isDue = false;
  let timer;

  const inSeconds = (seconds, next) => {
    clearTimeout(timer);
    timer = setTimeout(next, seconds * 1000);
  };

  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };

  /** Keeps the notice in view, and what has the focus below it. */
  const pin = (isPinned) => {
    isDue = isPinned;
    Object.assign(notice.style, isPinned ? { position: "sticky", top: 0, zIndex: 1 } : { position: "", top: "", zIndex: "" });
    document.documentElement.style.scrollPaddingTop = isPinned ? `${notice.offsetHeight}px` : "";
  };

  const inWords = (seconds) => {
    const [count, unit] = seconds < 60 ? [seconds, "second"] : [Math.floor(seconds / 60), "minute"];
    return `in ${count} ${unit}${count === 1 ? "" : "s"}`;
  };

  /** Whether there is nothing to stay signed in for: only another sign-in helps. */
  const offer = (isRenewal) => {
    const hadFocus = document.activeElement === (isRenewal ? stay : renew);
    stay.hidden = isRenewal;
    renew.hidden = !isRenewal;
    if (hadFocus) (isRenewal ? renew : stay).focus();
  };

  const ended = () => {
    clearTimeout(timer);
    pin(true);
    offer(true);
    time.parentElement.hidden = true;
    say("Your session has ended.");
  };

  const show = ({ seconds_left: seconds, seconds_left_at_most: atMost }, isNews) => {
    const end = new Date(Date.now() + seconds * 1000);
    const at = `at ${end.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
    const isPlentyLeft = seconds > WARNING;
    time.dateTime = end.toISOString();
    time.textContent = at;
    time.parentElement.hidden = !isPlentyLeft;
    offer(seconds === atMost);
    if (isPlentyLeft) {
      if (isDue) pin(false);
      say(isNews ? "You stay signed in." : "");
      return inSeconds(seconds - WARNING, () => request("GET"));
    }
    // Said once, not at every look.
    if (!isDue || isNews) say(`Your session ends ${inWords(seconds)}, ${at}.`);
    pin(true);
    inSeconds(Math.min(seconds + 1, PAUSE), () => request("GET"));
  };

  const request = async (method) => {
    try {
      const response = await fetch(form.action, { method, headers: { accept: "application/json" } });
      if (response.status === 401) return ended();
      if (!response.ok) throw new Error(response.statusText);
      show(await response.json(), method === "POST");
      return true;
    } catch {
      inSeconds(PAUSE, () => request("GET"));
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // When the request fails, the browser says why; when the session has ended, the notice does.
    if (!(await request("POST")) && renew.hidden) form.submit();
  });

  // In a narrower window the notice is higher.
  addEventListener("resize", () => isDue && pin(true));
  // Timers do not run while a device sleeps, or while the page is kept for the back button.
  addEventListener("pageshow", ({ persisted }) => persisted && request("GET"));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && request("GET"));

  const secondsLeft = Number.parseInt(time.dateTime.slice("PT".length), 10);
  inSeconds(Math.max(secondsLeft - WARNING, 0), () => request("GET"));
}
