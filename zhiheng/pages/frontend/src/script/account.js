// The log-in pages: a passkey or security key that fails says so, instead of nothing happening; a form is sent once.
import "./forms.js";
import "./keep.js";

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const chinese = document.documentElement.lang.startsWith("zh");
  const given = event.detail.exception?.name === "NotAllowedError";
  const text = document.createElement("p");
  if (given) text.textContent = chinese ? "没有完成：已取消，或者等待超时。请再试一次。" : "Not done: it was cancelled or took too long. Try again.";
  else
    text.textContent = chinese
      ? "这个浏览器或设备不能使用安全密钥；请改用密码和验证码。"
      : "This browser or device can't use a security key; use the password and a code.";
  const note = document.createElement("div");
  note.className = "notice is-soon";
  note.setAttribute("role", "alert");
  note.append(text);
  document.getElementById("messages")?.replaceChildren(note);
});
