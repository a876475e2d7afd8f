/**
 * Tells Rebook which rows of this sheet were edited: their ids and status words, and nothing else.
 *
 * Extensions > Apps Script, paste this file, save, reload the sheet, then Rebook > Connect.
 * Edits made through Google's API, or by other scripts, start no trigger: Rebook finds those by polling.
 */

const REBOOK = {
  sheet: 'Appointments',
  headerRow: 1,
  idTitle: 'appointment_id',
  statusTitle: 'status',
  mostRows: 50,
  sweepMinutes: 10,
};

function onOpen() {
  SpreadsheetApp.getUi()
    .createMenu('Rebook')
    .addItem('Connect', 'rebookConnect')
    .addItem('Give ids to rows without one', 'rebookGiveAllIds')
    .addToUi();
}

function rebookConnect() {
  const ui = SpreadsheetApp.getUi();
  const address = ui.prompt('The address of this connection (https://.../hooks/...)').getResponseText().trim();
  const secret = ui.prompt('Its webhook secret').getResponseText().trim();
  if (!address.startsWith('https://') || secret.length < 16) {
    ui.alert('An https address and a secret of at least 16 characters are needed.');
    return;
  }
  rebookProperties_().setProperties({ REBOOK_ADDRESS: address, REBOOK_SECRET: secret });
  rebookInstall_();
  rebookGiveAllIds();
  ui.alert(rebookSend_({ change: 'CONNECTED' }) ? 'Connected.' : 'Saved, but Rebook did not answer.');
}

function rebookInstall_() {
  ScriptApp.getProjectTriggers()
    .filter((trigger) => trigger.getHandlerFunction().startsWith('rebook'))
    .forEach((trigger) => ScriptApp.deleteTrigger(trigger));
  const here = SpreadsheetApp.getActive();
  ScriptApp.newTrigger('rebookOnEdit').forSpreadsheet(here).onEdit().create();
  ScriptApp.newTrigger('rebookOnChange').forSpreadsheet(here).onChange().create();
  ScriptApp.newTrigger('rebookSweep').timeBased().everyMinutes(REBOOK.sweepMinutes).create();
}

/** An edit of cells: the event names the range. */
function rebookOnEdit(event) {
  const sheet = event.range.getSheet();
  if (sheet.getName() !== REBOOK.sheet) return;
  const first = Math.max(event.range.getRow(), REBOOK.headerRow + 1);
  const count = event.range.getLastRow() - first + 1;
  if (count < 1) {
    if (event.range.getRow() <= REBOOK.headerRow) rebookSend_({ change: 'HEADER' });
    return;
  }
  rebookGiveIds_(sheet);
  const rows = count > REBOOK.mostRows ? [] : rebookRows_(sheet, first, count);
  rebookSend_({ change: 'EDIT', rows: rows });
}

/** Rows put in or taken out: the event names none of them. Edits of cells come by rebookOnEdit. */
function rebookOnChange(event) {
  if (event.changeType === 'EDIT' || event.changeType === 'FORMAT') return;
  const sheet = SpreadsheetApp.getActive().getSheetByName(REBOOK.sheet);
  if (sheet) rebookGiveIds_(sheet);
  rebookSend_({ change: event.changeType });
}

/** What could not be told is told again as 'go and look'. */
function rebookSweep() {
  if (rebookProperties_().getProperty('REBOOK_PENDING')) rebookSend_({ change: 'SWEEP' });
}

function rebookGiveAllIds() {
  const sheet = SpreadsheetApp.getActive().getSheetByName(REBOOK.sheet);
  if (sheet) rebookGiveIds_(sheet);
}

/** A new row gets an id of its own, and so does a copied one, which copied its id too. */
function rebookGiveIds_(sheet) {
  const lock = LockService.getDocumentLock();
  lock.waitLock(20000);
  try {
    const place = rebookPlace_(sheet, REBOOK.idTitle);
    const count = sheet.getLastRow() - REBOOK.headerRow;
    if (!place || count < 1) return;
    const rows = sheet.getRange(REBOOK.headerRow + 1, 1, count, sheet.getLastColumn()).getValues();
    const taken = new Set();
    rows.forEach((cells, index) => {
      const id = String(cells[place - 1]).trim();
      const filled = cells.some((cell, at) => at !== place - 1 && String(cell).trim() !== '');
      if (!filled) return;
      if (id && !taken.has(id)) {
        taken.add(id);
        return;
      }
      const fresh = 'row-' + Utilities.getUuid().slice(0, 13);
      taken.add(fresh);
      sheet.getRange(REBOOK.headerRow + 1 + index, place).setValue(fresh);
    });
    SpreadsheetApp.flush();
  } finally {
    lock.releaseLock();
  }
}

function rebookRows_(sheet, first, count) {
  const id = rebookPlace_(sheet, REBOOK.idTitle);
  const status = rebookPlace_(sheet, REBOOK.statusTitle);
  if (!id || !status) return [];
  return sheet
    .getRange(first, 1, count, sheet.getLastColumn())
    .getValues()
    .map((cells) => ({ id: String(cells[id - 1]).trim(), status: String(cells[status - 1]).trim() }))
    .filter((row) => row.id !== '');
}

/** The column under a title, counted from 1; 0 where there is none. */
function rebookPlace_(sheet, title) {
  const titles = sheet.getRange(REBOOK.headerRow, 1, 1, sheet.getLastColumn()).getValues()[0];
  return titles.map((cell) => String(cell).trim().toLowerCase()).indexOf(title.toLowerCase()) + 1;
}

/** X-Rebook-Signature is hex(HMAC-SHA256(secret, timestamp + "." + body)). */
function rebookSend_(told) {
  const properties = rebookProperties_();
  const address = properties.getProperty('REBOOK_ADDRESS');
  const secret = properties.getProperty('REBOOK_SECRET');
  if (!address || !secret) return false;
  const body = JSON.stringify({ source: 'rebook-sheet', event: Utilities.getUuid(), rows: [], ...told });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const bytes = Utilities.computeHmacSha256Signature(timestamp + '.' + body, secret, Utilities.Charset.UTF_8);
  const signature = bytes.map((byte) => (byte & 0xff).toString(16).padStart(2, '0')).join('');
  let answered = false;
  try {
    const answer = UrlFetchApp.fetch(address, {
      method: 'post',
      contentType: 'application/json',
      payload: body,
      headers: { 'X-Rebook-Timestamp': timestamp, 'X-Rebook-Signature': signature },
      muteHttpExceptions: true,
      followRedirects: false,
    });
    answered = Math.floor(answer.getResponseCode() / 100) === 2;
  } catch (unreachable) {
    answered = false;
  }
  if (answered) properties.deleteProperty('REBOOK_PENDING');
  else properties.setProperty('REBOOK_PENDING', '1');
  return answered;
}

function rebookProperties_() {
  return PropertiesService.getScriptProperties();
}
